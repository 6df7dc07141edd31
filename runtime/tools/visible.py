"""Text that hides nothing: what cannot be seen is written out, and what is left out is counted."""

from runtime.showing import escape
from runtime.unseen import SPACES, Writing, written_out

_NOTICE_ROOM = 64


def make_visible(text: str) -> str:
    """The text with all that `showing.visible` writes out, where controls have a picture of their own (␛)."""
    return text if text.isascii() and text.isprintable() else written_out(text, _ALL)


def make_prose_visible(text: str) -> str:
    """As `make_visible`, but the spaces that French and Japanese are written with stay: for what is read and not judged."""
    return text if text.isascii() and text.isprintable() else written_out(text, _PROSE)


def make_all_visible(text: str) -> str:
    """As `make_visible`, and the joiners of emoji as well: for what a shell would read byte by byte."""
    return text.translate(_ALL)


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


def _write(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return escape(character)


_ALL = Writing(_write)
_PROSE = Writing(lambda character: character if character in SPACES else _write(character))
