"""What some tests need of the machine. Where it is missing they are skipped, and the summary at the end says which and why."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec

import pytest

from runtime.sandbox.finding import find_sandbox
from runtime.sandbox.port import Scenery

NOWHERE = "/nonexistent"  # a path on which no program is found


@cache
def _lacks_bubblewrap() -> str:
    found = find_sandbox(Scenery(), landlock=False)
    return found.why_not if found.sandbox is None else ""


@cache
def _lacks_landlock() -> str:
    found = find_sandbox(Scenery(), path=NOWHERE)
    return found.why_not if found.sandbox is None else ""


def _lacks_strace() -> str:
    return "" if shutil.which("strace") else "strace is not installed"


@cache
def _lacks_sudo() -> str:
    """It is of use where it lets us be root without a password, as it lets root."""
    if not (sudo := shutil.which("sudo")):
        return "sudo is not installed"
    tried = subprocess.run([sudo, "-n", "-k", "--", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "sudo wants a password here"


def _lacks_usearch() -> str:
    return "" if find_spec("usearch") else "it is not installed"


LACKS: Mapping[str, Callable[[], str]] = {
    "bubblewrap": _lacks_bubblewrap,
    "landlock": _lacks_landlock,
    "strace": _lacks_strace,
    "sudo": _lacks_sudo,
    "usearch": _lacks_usearch,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("needs"):
            for name in mark.args:
                if why := LACKS[name]():
                    item.add_marker(pytest.mark.skip(reason=f"needs {name}: {why}"))
