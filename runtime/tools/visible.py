"""Text that hides nothing: what cannot be seen is written out, and what is left out is counted."""

import re

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f"  # C0 without tab and newline
    "\x80-\x9f"  # C1
    "\xad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff"  # zero width, direction marks
    "\u2028\u2029\u202a-\u202e\u2066-\u206f"  # line separators, direction overrides
    "\ud800-\udfff"  # lone surrogates, which nothing can store
    "\U000e0000-\U000e007f"  # tags: whole sentences that no person sees
    "]"
)
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_NOTICE_ROOM = 64


def make_visible(text: str) -> str:
    """The text with every control and direction character written out; tabs and newlines stay as they are."""
    return _INVISIBLE.sub(_written_out, text)


def make_all_visible(text: str) -> str:
    """As `make_visible`, and the joiners of emoji and scripts as well: for what a shell would read byte by byte."""
    return _JOINERS.sub(_written_out, make_visible(text))


def shorten(text: str, cap: int) -> tuple[str, int]:
    """Head and tail of a text in at most `cap` characters (64 at least), and how many were left out between them."""
    if len(text) <= cap:
        return text, 0
    keep = max(cap - _NOTICE_ROOM, 0)
    head, tail = keep - keep // 3, keep // 3
    left_out = len(text) - keep
    return f"{text[:head]}{gap_notice(left_out)}{text[len(text) - tail :]}", left_out


def gap_notice(left_out: int) -> str:
    return f"\n[… {left_out:,} characters left out …]\n"


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
