"""What a command really did, as strace saw it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct, field

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "PAGER": "cat",
    "GIT_PAGER": "cat", "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
}  # fmt: skip
_CALLS = (
    "execve,execveat,openat,open,creat,connect,bind,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,"
    "symlink,symlinkat,truncate,chmod,fchmodat,fchownat,sendto"
)
_CALL = re.compile(r"^(?:\d+\s+)?(?P<name>\w+)\((?P<rest>.*)$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_HARMLESS_TARGETS = ("/dev/null", "/dev/tty")


def find_strace() -> str | None:
    """strace, where it is there and may trace."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    tried = subprocess.run([strace, "-f", "-o", os.devnull, "true"], capture_output=True, check=False)
    return strace if tried.returncode == 0 else None


class Deeds(Struct):
    """`programs` are the names of all that was started; `changed` what was opened to write or changed by name;
    `connected` what was connected or sent to; `output` what came out."""

    programs: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    output: str = ""


def trace(strace: str, command: str, workspace: Path, log: Path) -> Deeds:
    """Run a command as the executor would, and tell what it did."""
    run = [strace, "-f", "-qq", "-s", "200", "-e", f"trace={_CALLS}", "-o", str(log)]
    shell = ["bash", "--noprofile", "--norc", "-c", "--", command]
    process = subprocess.Popen(
        [*run, *shell], cwd=workspace, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        output, _ = process.communicate()
    deeds = Deeds(output=output.decode("utf-8", "replace"))
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if found := _CALL.match(line):
            _note(found["name"], found["rest"], deeds)
    return deeds


def _note(name: str, rest: str, deeds: Deeds) -> None:
    said = _STRING.search(rest)
    path = said[1] if said else ""
    if name in ("execve", "execveat"):
        if rest.rstrip().endswith("= 0"):
            deeds.programs.add(path.rsplit("/", 1)[-1])
    elif name in ("connect", "bind", "sendto"):
        # Netlink is how a program asks the kernel of this machine; the name service's socket is not there.
        if "AF_NETLINK" not in rest and "AF_UNIX" not in rest and name != "sendto":
            deeds.connected.append(rest)
    elif name in ("openat", "open"):
        if re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", rest) and not path.startswith(_HARMLESS_TARGETS):
            deeds.changed.append(f"{name}({rest}")
    elif "= 0" in rest:
        deeds.changed.append(f"{name}({rest}")
