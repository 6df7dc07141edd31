"""What the doctor finds."""

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(Struct, frozen=True, kw_only=True):
    """One line. `advice` says what to do; "" where nothing needs doing."""

    part: str
    level: Level
    words: str
    advice: str = ""


def ok(part: str, words: str) -> Finding:
    return Finding(part=part, level=Level.OK, words=words)


def warn(part: str, words: str, advice: str) -> Finding:
    return Finding(part=part, level=Level.WARN, words=words, advice=advice)


def fail(part: str, words: str, advice: str) -> Finding:
    return Finding(part=part, level=Level.FAIL, words=words, advice=advice)
