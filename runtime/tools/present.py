"""A file as it stands now: its fingerprint, and its text where it has one."""

import hashlib
import os
from contextlib import suppress

from msgspec import Struct

from runtime.tools.confinement import open_file
from runtime.tools.failure import ToolFailed
from runtime.tools.uninterrupted import Halt

ABSENT = "absent:"
_MOST_COMPARED_BYTES = 4_000_000
_CHUNK = 1 << 20


class Present(Struct, frozen=True, kw_only=True):
    """What stands there now. `text` is None where it is not text, or too long to compare."""

    target: str
    size: int
    text: str | None
    found: os.stat_result


def find_present(folder: int, name: str, shown: str, halt: Halt) -> Present | None:
    try:
        with open_file(folder, name, shown) as descriptor:
            return _read_present(descriptor, halt)
    except ToolFailed as failed:
        if failed.code == "not_found":
            return None
        raise


def _read_present(descriptor: int, halt: Halt) -> Present:
    fingerprint, kept, size = hashlib.sha256(), bytearray(), 0
    while chunk := os.read(descriptor, _CHUNK):
        halt.check_going_on()
        fingerprint.update(chunk)
        size += len(chunk)
        if size <= _MOST_COMPARED_BYTES:
            kept += chunk
    text = None
    if size == len(kept):
        with suppress(UnicodeDecodeError):
            text = kept.decode()
    target = f"sha256:{fingerprint.hexdigest()}"
    return Present(target=target, size=size, text=text, found=os.fstat(descriptor))


def target_of(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def check_as_shown(present: Present | None, shown: str, path: str) -> None:
    if shown and shown != (present.target if present else ABSENT):
        raise ToolFailed(f"{path} changed since the change was shown. Nothing was written.", code="target_changed")
