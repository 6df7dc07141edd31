"""Texts that a person has to judge by their looks: nothing hides in them, and what is left out is counted. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime

from runtime.unseen import Writing, joins_emoji, written_out


def visible(text: str) -> str:
    """The same text with everything that hides, reorders other characters or passes for a space written out, and nothing
    refused. What joins emoji stays where it does that."""
    return text if text.isascii() and text.isprintable() else written_out(text, _ESCAPED)


def escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_ESCAPED = Writing(escape)


def in_a_line(text: str) -> str:
    """The same words in one line, so that none of them begins what looks like another entry of a list."""
    return " ".join(text.split())


def shortened(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with an ellipsis where something was left out."""
    line = in_a_line(text)
    return line if len(line) <= limit else line[: max(0, limit - 1)] + "…"


def begun(text: str, limit: int) -> str:
    """The beginning of a text as it is `visible`, `shortened` to a line: with an ellipsis wherever there is more of it.

    Takes no longer for a megabyte than for what fits.
    """
    line = shortened(visible(text[: 2 * limit]), limit)
    more = len(text) > 2 * limit and not line.endswith("…")
    return f"{line[: limit - 1]}…" if more else line


def clipped(text: str, limit: int) -> tuple[str, int]:
    """The beginning as it is `visible`, at most `limit` characters of that, and how many bytes were left out.

    Takes no longer for a megabyte than for what fits.
    """
    kept = _fitting(text, limit)
    return visible(text[:kept]), len(text[kept:].encode("utf-8", "surrogatepass"))


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text fit into the limit as they are visible, with no emoji taken apart."""
    room = kept = 0
    for at, character in enumerate(text[:limit]):
        room += 1 if joins_emoji(text, at) else len(visible(character))
        if room > limit:
            break
        kept = at + 1
    torn = kept > 0 and joins_emoji(text, kept - 1) and not joins_emoji(text[:kept], kept - 1)
    return kept - 1 if torn else kept


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
