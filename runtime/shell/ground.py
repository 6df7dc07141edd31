"""Where a command may read: the workspace, by real path, but for what looks like a secret; and a few public facts."""

import os
from fnmatch import fnmatchcase

from msgspec import Struct

from runtime.records import Risk
from runtime.shell.concerns import Concern, show
from runtime.shell.secret_patterns import is_secret, may_mean_secret
from runtime.shell.verdicts import Action
from runtime.shell.words import (
    HOME,
    MARKS,
    NAMES,
    NOTHING,
    ONE,
    PIPE,
    PLAIN_NAMES,
    SET,
    SPREAD,
    STAR,
    UNKNOWN,
    Word,
)

_MOST_MATCHES = 400
_MOST_LOOKED_AT = 4000
_PUBLIC = frozenset(
    {
        "/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", PIPE, "/proc/cpuinfo", "/proc/meminfo", "/proc/loadavg",
        "/proc/uptime", "/proc/version", "/proc/stat", "/proc/filesystems", "/proc/swaps", "/proc/vmstat",
        "/etc/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/redhat-release", "/etc/alpine-release",
        "/etc/timezone", "/usr/lib/os-release", "/etc/issue",
    }
)  # fmt: skip
_SECRET_PLACES = (
    "/.ssh", "/.aws", "/.gnupg", "/.kube", "/.docker", "/.netrc", "/shadow", "/environ", "/sudoers", "/.config", "_history",
)  # fmt: skip
_ESCAPED = {"*": "[*]", "?": "[?]", "[": "[[]"}


class Ground(Struct, frozen=True):
    """A workspace. `root` is real and absolute."""

    root: str

    def question(
        self, word: Word, folders: tuple[str, ...], *, names_allowed: bool = False, existence: bool = False
    ) -> Concern | None:
        """Why reading `word` from any of `folders` has to be asked about; None where it is confined. `existence`: it is
        only asked whether there is such a file, and that is no secret."""
        text = word.fitting.replace(NOTHING, "")
        if text in ("-", "", PLAIN_NAMES) or (text == NAMES and names_allowed):
            return None
        if any(mark in text for mark in (UNKNOWN, SPREAD, NAMES, PLAIN_NAMES)):
            return Concern("it reads a path that is only known once it runs", Action.READ_OUTSIDE)
        if text.startswith(HOME):
            return outside(word)
        if not MARKS.isdisjoint(text):
            return self._question_pattern(text, word, folders)
        for folder in folders:
            if existence and self._within(os.path.realpath(os.path.join(folder, text))):
                continue
            if concern := self._question_one(os.path.join(folder, text), word):
                return concern
        return None

    def holds(self, word: Word, folders: tuple[str, ...]) -> bool:
        """Whether a literal path lies in the workspace, wherever the command stands, and is neither a secret's nor
        git's own: for what would be written."""
        if not word.text or not word.is_exact:
            return False
        for folder in folders:
            real = os.path.realpath(os.path.join(folder, word.text))
            inner = real[len(self.root) :]
            if not self._within(real) or is_secret(inner) or ".git" in inner.split("/"):
                return False
        return True

    def _within(self, real: str) -> bool:
        return real == self.root or real.startswith(self.root + "/")

    def _question_one(self, path: str, word: Word) -> Concern | None:
        if path in _PUBLIC:
            return None
        if word.text.startswith(("/dev/tcp/", "/dev/udp/")):
            return Concern(f"{show(str(word))} is a network connection", Action.NETWORK, needs_network=True)
        real = os.path.realpath(path)
        if not self._within(real):
            return outside(word)
        if is_secret(real[len(self.root) :]) or is_secret(os.path.normpath(path)[len(self.root) :]):
            return secret(word)
        return None

    def _question_pattern(self, text: str, word: Word, folders: tuple[str, ...]) -> Concern | None:
        shown = str(word)
        before, *patterns = _split_at_first_pattern(text)
        if ".." in patterns:
            return Concern(f"{show(shown)} leads upwards after a pattern", Action.READ_OUTSIDE)
        if may_mean_secret(Word(text).known):
            return Concern(
                f"the pattern {show(shown)} can match files that hold secrets", Action.SECRETS, Risk.CRITICAL
            )
        for folder in folders:
            start = os.path.join(folder, before)
            if concern := self._question_one(start, word):
                return concern
            found = _matches(start, patterns)
            if found is None:
                return Concern(
                    f"the pattern {show(shown)} matches more files than can be looked at", Action.READ_OUTSIDE
                )
            for path in found:
                if concern := self._question_one(path, Word(os.path.relpath(path, folder))):
                    return concern
        return None


def outside(word: Word) -> Concern:
    if any(place in word.known for place in _SECRET_PLACES) or is_secret(word.known):
        return secret(word)
    return Concern(f"{show(str(word))} is outside the workspace", Action.READ_OUTSIDE)


def secret(word: Word) -> Concern:
    return Concern(f"{show(str(word))} looks like a file that holds secrets", Action.SECRETS, Risk.CRITICAL)


def _split_at_first_pattern(text: str) -> list[str]:
    """The literal folder before the first pattern ("" or ending in a slash), and each component from there on."""
    parts = text.split("/")
    first = next(index for index, part in enumerate(parts) if not MARKS.isdisjoint(part))
    before = "/".join(parts[:first]) + ("/" if first else "")
    return [before, *(part for part in parts[first:] if part not in ("", "."))]


def _loosened(component: str) -> str:
    """A pattern for fnmatch that matches at least what bash's does: from the first bracket on, everything."""
    out = ""
    for character in component:
        if character == SET:
            return out + "*"
        out += {STAR: "*", ONE: "?"}.get(character) or _ESCAPED.get(character, character)
    return out


def _matches(start: str, patterns: list[str]) -> list[str] | None:
    """What lies there now and fits. None where that is too much to look at."""
    found, looked_at = [start], 0
    for depth, pattern in enumerate(patterns):
        loose, inner = _loosened(pattern), []
        for folder in found:
            try:
                names = [pattern] if MARKS.isdisjoint(pattern) else os.listdir(folder or ".")
            except OSError:
                continue
            looked_at += len(names)
            if looked_at > _MOST_LOOKED_AT:
                return None
            inner += [
                os.path.join(folder, name)
                for name in names
                if name == pattern or (fnmatchcase(name, loose) and (loose[:1] == "." or name[0] != "."))
            ]
        found = inner if depth == len(patterns) - 1 else [path for path in inner if os.path.isdir(path)]
    return found if len(found) <= _MOST_MATCHES else None
