"""Texts that a person has to judge by their looks: nothing hides in them, and what is left out is counted. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime


def visible(text: str) -> str:
    """The same text with everything that hides or reorders other characters written out, and nothing refused."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\n\t" or character == "\N{ZERO WIDTH JOINER}":
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        code = ord(character)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character


def in_a_line(text: str) -> str:
    """The same words in one line, so that none of them begins what looks like another entry of a list."""
    return " ".join(text.split())


def shortened(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with an ellipsis where something was left out."""
    line = in_a_line(text)
    return line if len(line) <= limit else line[: max(0, limit - 1)] + "…"


def clipped(text: str, limit: int) -> tuple[str, int]:
    """The beginning as it is `visible`, at most `limit` characters of that, and how many bytes were left out.

    Takes no longer for a megabyte than for what fits.
    """
    start = text[:limit]
    shown = visible(start)
    if len(shown) > limit:
        kept: list[str] = []
        room = limit
        for character in start:
            written = visible(character)
            room -= len(written)
            if room < 0:
                break
            kept.append(written)
        start, shown = start[: len(kept)], "".join(kept)
    return shown, len(text[len(start) :].encode("utf-8", "surrogatepass"))


_TIME = re.compile(r"\b(?:on )?(\d{4}-\d\d-\d\d)(?: at)? (\d\d:\d\d)(:\d\d)? UTC")


def times_in(text: str) -> Iterator[tuple[str, int, str]]:
    """A text in pieces: what stands before each time in it, that time since the epoch (-1 for none), and its words."""
    end = 0
    for found in _TIME.finditer(text):
        try:
            moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}+00:00")
        except ValueError:
            continue
        yield text[end : found.start()], int(moment.timestamp()), found[0]
        end = found.end()
    yield text[end:], -1, ""
