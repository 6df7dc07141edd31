"""What would destroy the machine or a disk. Nobody can allow it: not a rule, not a grant, not an approval.

This is a reading of its own, apart from the one that looks for what is harmless. It sees through quotes, wrappers and
`sh -c`, and may miss what is hidden better: that is asked about like all that is not understood.
"""

import re
from collections.abc import Iterator

from runtime.shell.concerns import NotUnderstood, show
from runtime.shell.expanding import expand
from runtime.shell.grammar import Node, parse, text_of
from runtime.shell.words import DIGITS, HOME, STAR, UNKNOWN, Word

_FORK_BOMB = re.compile(
    r"([A-Za-z_:.]\w*)\s*\(\)\s*[{(]\s*\1\s*\|\s*\1\s*&?\s*;?\s*[})]|\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}"
)
_DISK = re.compile(
    r"/dev/(?:(?:sd|hd|vd|xvd)[a-z]+\d*|nvme\d+(?:n\d+(?:p\d+)?)?|mmcblk\d+(?:p\d+)?|(?:md|dm-|loop)\d+|(?:mapper|disk)/\S+|mem|kmem)\Z"
)
_ROOTS = frozenset(
    [
        "/",
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib32",
        "/lib64",
        "/opt",
        "/proc",
        "/root",
        "/run",
        "/sbin",
        "/srv",
        "/sys",
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/usr/local",
        "/usr/sbin",
        "/usr/share",
        "/var",
        "/var/lib",
        "/var/log",
        "/Users",
        "/System",
        "/Library",
        "/Applications",
        "/mnt",
        "/media",
        "/etc/ssh",
        "/etc/systemd",
    ]
)
_CORE_FILES = frozenset(
    {"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/fstab", "/vmlinuz", "/boot/vmlinuz"}
)
_WRAPPERS = frozenset({
    "sudo", "doas", "env", "nohup", "nice", "ionice", "time", "timeout", "command", "builtin", "exec", "busybox",
    "toybox", "setsid", "stdbuf", "xargs", "pkexec", "chroot", "then", "do", "else",
})  # fmt: skip
_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh", "ash", "eval", "su"})
_ERASERS = frozenset(
    {"wipefs", "blkdiscard", "mkswap", "mke2fs", "fdisk", "sfdisk", "sgdisk", "parted", "shred", "cfdisk", "gdisk"}
)
# All that is looked at more closely: the erasers, and what has a rule of its own below.
_DESTROYERS = _ERASERS | {
    "rm", "find", "chmod", "chown", "chgrp", "mv", "dd", "cp", "tee", "truncate", "install", "cryptsetup", "zpool", "zfs",
    "nvme", "lvremove", "vgremove", "pvremove", "mdadm", "hdparm",
}  # fmt: skip
_MOST_DEPTH = 4


def find_destruction(root: Node, depth: int = 0) -> str:
    """Why nobody may run it, in plain words; "" where nothing of the kind is seen."""
    written = text_of(root)
    if "()" in written and _FORK_BOMB.search(re.sub(r"\s+", " ", written)):
        return "it starts copies of itself until the machine stands still"
    pending = [root]
    while pending:
        node = pending.pop()
        pending += reversed(node.children)
        if node.type == "file_redirect" and (found := _question_redirect(node)):
            return found
        if node.type == "command" and (found := _question_command(_words(node), depth)):
            return found
    return ""


def _words(node: Node) -> list[Word]:
    found = []
    for child in node.children:
        if child.type in ("variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect"):
            continue
        try:
            found += [word for words in expand(child, _substitute)[:4] for word in words]
        except NotUnderstood:
            found.append(Word(UNKNOWN))
    return found


def _substitute(node: Node, quoted: bool) -> tuple[Word, ...]:
    written = text_of(node).lstrip()
    return (Word(HOME if written in ("$HOME", "${HOME}") else DIGITS if "((" in written else UNKNOWN, written),)


def _question_command(words: list[Word], depth: int) -> str:
    for index, word in enumerate(words):
        name = word.text.rsplit("/", 1)[-1]
        rest = words[index + 1 :]
        if name in _SHELLS and depth < _MOST_DEPTH:
            return _question_inner(rest, depth)
        if name == "find" or name not in _WRAPPERS:
            if found := _question_named(name, rest):
                return found
            if not (
                word.text.startswith("-")
                or "=" in word.text
                or word.text[:1].isdigit()
                or (index and _is_wrapped(words[:index]))
            ):
                return ""
    return ""


def _is_wrapped(before: list[Word]) -> bool:
    return any(word.text.rsplit("/", 1)[-1] in _WRAPPERS for word in before)


def _question_inner(words: list[Word], depth: int) -> str:
    for word in words:
        if not word.text.startswith("-") and (found := find_destruction(parse(word.text), depth + 1)):
            return found
    joined = " ".join(word.text for word in words)
    return find_destruction(parse(joined), depth + 1) if len(words) > 1 else ""


def _question_named(name: str, words: list[Word]) -> str:
    if name not in _DESTROYERS and not name.startswith("mkfs"):
        return ""
    texts = [word.text for word in words]
    flags = {letter for text in texts if re.match(r"-[A-Za-z]+\Z", text) for letter in text[1:]}
    targets = [text for text in texts if not text.startswith("-")]
    written = show(" ".join((name, *map(str, words))))
    roots = [text for text in targets if _is_root(text)]
    disks = [text for text in targets if _DISK.match(text.removeprefix("of="))]
    if name == "rm" and roots and (flags & set("rR") or "--recursive" in texts):
        return f"{written} deletes what the machine needs, or everything"
    if name == "rm" and any(text in _CORE_FILES for text in targets):
        return f"{written} deletes what the machine needs"
    if name == "find" and roots and "-delete" in texts:
        return f"{written} deletes what the machine needs, or everything"
    if (
        name == "find"
        and roots
        and any(text in ("-exec", "-execdir") for text in texts)
        and {"rm", "shred"} & set(texts)
    ):
        return f"{written} deletes what the machine needs, or everything"
    if name in ("chmod", "chown", "chgrp") and roots and (flags & {"R"} or "--recursive" in texts):
        return f"{written} changes the rights of the whole machine"
    if name == "mv" and len(targets) > 1 and any(_is_root(text) for text in targets[:-1]):
        return f"{written} moves away what the machine needs"
    if name == "dd" and any(
        text.startswith("of=") and (_DISK.match(text[3:]) or text[3:] in _CORE_FILES) for text in texts
    ):
        return f"{written} overwrites a disk"
    if (name.startswith("mkfs") or name in _ERASERS) and disks and not _only_lists(name, texts):
        return f"{written} erases a disk"
    if (
        name in ("cp", "tee", "shred", "truncate", "mv", "install")
        and targets
        and (_DISK.match(targets[-1]) or targets[-1] in _CORE_FILES)
    ):
        return f"{written} overwrites a disk, or what the machine needs"
    if name == "cryptsetup" and {"luksFormat", "erase", "luksErase"} & set(texts):
        return f"{written} erases a disk"
    if (name, *targets[:1]) in (("zpool", "destroy"), ("zfs", "destroy"), ("nvme", "format")) or name in (
        "lvremove",
        "vgremove",
        "pvremove",
    ):
        return f"{written} erases a disk"
    if (name == "mdadm" and "--zero-superblock" in texts) or (
        name == "hdparm" and any("security-erase" in text for text in texts)
    ):
        return f"{written} erases a disk"
    return ""


def _only_lists(name: str, texts: list[str]) -> bool:
    return bool({"-l", "--list", "-p", "print", "--print", "-n", "--no-act"} & set(texts)) or (
        name == "wipefs" and not {"-a", "--all", "-af", "-fa"} & set(texts)
    )


def _is_root(text: str) -> bool:
    """A folder that the machine stands on, or all that is in one."""
    text = text.replace(HOME, "/root", 1) if text.startswith(HOME) else text
    bare = text.rstrip(STAR + "*." + "{}") if text.endswith((STAR, "*")) else text
    collapsed = re.sub(r"/(?:\./|/)*", "/", bare)
    collapsed = re.sub(r"(?:/\.)+/?\Z", "/", collapsed)
    while (shorter := re.sub(r"/(?!\.\.(?:/|\Z))[^/]+/\.\.(?=/|\Z)|\A/\.\.(?=/|\Z)", "", collapsed)) != collapsed:
        collapsed = shorter or "/"
    collapsed = collapsed.rstrip("/") or ("/" if collapsed.startswith("/") else "")
    return collapsed in _ROOTS or (re.match(r"/(?:home|Users)/[^/]+\Z", collapsed) is not None and text != bare)


def _question_redirect(node: Node) -> str:
    written = text_of(node)
    if "<" in written.split(">")[0]:
        return ""
    target = written.rsplit(">", 1)[-1].strip("| \t\"'")
    if _DISK.match(target):
        return f"{show(written)} overwrites a disk"
    if target in _CORE_FILES and ">>" not in written:
        return f"{show(written)} overwrites what the machine needs"
    return ""


def argvs_in(root: Node) -> Iterator[list[str]]:
    """Every command line in a tree, wherever it stands, and each that a wrapper such as sudo would run."""
    pending = [root]
    while pending:
        node = pending.pop()
        pending += reversed(node.children)
        if node.type == "command":
            words = _words(node)
            texts = [word.known for word in words]
            yield from (texts[index:] for index in range(len(words)) if index == 0 or _is_wrapped(words[:index]))
