"""Text that hides nothing: what cannot be seen is written out, and what is left out is counted."""

import re

_HIDDEN = (
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x7F),  # C0 without tab and newline
    (0x80, 0x9F),  # C1
    (0xAD, 0xAD), (0x061C, 0x061C), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x2060, 0x2064),
    (0xFEFF, 0xFEFF),  # zero width, direction marks
    (0x2028, 0x2029), (0x202A, 0x202E), (0x2066, 0x206F),  # line separators, direction overrides
    (0xD800, 0xDFFF),  # lone surrogates, which nothing can store
    (0xE0000, 0xE007F),  # tags: whole sentences that no person sees
)  # fmt: skip
_JOINERS = ((0x200C, 0x200D), (0xFE00, 0xFE0F))
_NOTICE_ROOM = 64


def make_visible(text: str) -> str:
    """The text with every control and direction character written out; tabs and newlines stay as they are."""
    return text if _ANY_HIDDEN.search(text) is None else text.translate(_HIDDEN_WRITTEN)


def make_all_visible(text: str) -> str:
    """As `make_visible`, and the joiners of emoji and scripts as well: for what a shell would read byte by byte."""
    return make_visible(text).translate(_JOINERS_WRITTEN)


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


def _written(ranges: tuple[tuple[int, int], ...]) -> dict[int, str]:
    return {code: _write(code) for first, last in ranges for code in range(first, last + 1)}


def _write(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_HIDDEN_WRITTEN, _JOINERS_WRITTEN = _written(_HIDDEN), _written(_JOINERS)
_ANY_HIDDEN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _HIDDEN) + "]")
