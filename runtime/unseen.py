"""The characters that nobody sees, or that look like a plain space. Pure.

From the Unicode Character Database 17.0: DerivedCoreProperties.txt, DerivedGeneralCategory.txt, PropList.txt and emoji-data.txt.
What is not assigned in planes 0 to 3 is left alone: it is drawn as a box, and may be a letter of a later version.
"""

from bisect import bisect_right
from collections.abc import Callable

Ranges = tuple[tuple[int, int], ...]


def _ranges(written: str) -> Ranges:
    """In order, the first and the last code point of each."""
    ends = (each.partition("-") for each in written.split())
    return tuple(sorted((int(first, 16), int(last or first, 16)) for first, _, last in ends))


_CONTROLS = "0-8 b-1f 7f-9f"  # Cc, without tab and line feed
_IGNORABLE = (  # Default_Ignorable_Code_Point
    "ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0 fff0-fff8 1bca0-1bca3 "
    "1d173-1d17a e0000-e0fff"
)
_FORMATS = "600-605 6dd 70f 890-891 8e2 2028-2029 fff9-fffb 110bd 110cd 13430-1343f"  # what else is Cf; Zl and Zp
_NOT_CHARACTERS = (  # Cs, Co, noncharacters, and the planes where nothing is assigned
    "d800-f8ff fdd0-fdef fffe-ffff 1fffe-1ffff 2fffe-2ffff 3fffe-dffff e1000-10ffff"
)
_BLANKS = "2800 fffc 13441-13442 16fe4 1d159"  # letters and signs that are drawn as nothing
_SPACES = "a0 1680 2000-200a 202f 205f 3000"  # Zs, without the plain one
_UNSEEN = _ranges(" ".join((_CONTROLS, _IGNORABLE, _FORMATS, _NOT_CHARACTERS, _BLANKS, _SPACES)))

_EMOJI = _ranges(  # Emoji and Extended_Pictographic
    """
    a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 231a-231b 2328 23cf 23e9-23f3 23f8-23fa 24c2 25aa-25ab 25b6 25c0 25fb-25fe
    2600-2604 260e 2611 2614-2615 2618 261d 2620 2622-2623 2626 262a 262e-262f 2638-263a 2640 2642 2648-2653 265f-2660 2663
    2665-2666 2668 267b 267e-267f 2692-2697 2699 269b-269c 26a0-26a1 26a7 26aa-26ab 26b0-26b1 26bd-26be 26c4-26c5 26c8
    26ce-26cf 26d1 26d3-26d4 26e9-26ea 26f0-26f5 26f7-26fa 26fd 2702 2705 2708-270d 270f 2712 2714 2716 271d 2721 2728
    2733-2734 2744 2747 274c 274e 2753-2755 2757 2763-2764 2795-2797 27a1 27b0 27bf 2934-2935 2b05-2b07 2b1b-2b1c 2b50 2b55
    3030 303d 3297 3299 1f004 1f0cf 1f170-1f171 1f17e-1f17f 1f18e 1f191-1f19a 1f201-1f202 1f21a 1f22f 1f232-1f23a 1f250-1f251
    1f300-1f321 1f324-1f393 1f396-1f397 1f399-1f39b 1f39e-1f3f0 1f3f3-1f3f5 1f3f7-1f3fa 1f400-1f4fd 1f4ff-1f53d 1f549-1f54e
    1f550-1f567 1f56f-1f570 1f573-1f57a 1f587 1f58a-1f58d 1f590 1f595-1f596 1f5a4-1f5a5 1f5a8 1f5b1-1f5b2 1f5bc 1f5c2-1f5c4
    1f5d1-1f5d3 1f5dc-1f5de 1f5e1 1f5e3 1f5e8 1f5ef 1f5f3 1f5fa-1f64f 1f680-1f6c5 1f6cb-1f6d2 1f6d5-1f6d8 1f6dc-1f6e5 1f6e9
    1f6eb-1f6ec 1f6f0 1f6f3-1f6fc 1f7e0-1f7eb 1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1fa7c 1fa80-1fa8a 1fa8e-1fac6
    1fac8 1facd-1fadc 1fadf-1faea 1faef-1faf8
    """
)
_SKINS, _KEYS = frozenset("🏻🏼🏽🏾🏿"), frozenset("0123456789#*")
_JOINER, _STYLED, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_JOINERS = (_JOINER, _STYLED, "\ufe0e")
_KEPT = 0x20000

SPACES = frozenset(chr(code) for first, last in _ranges(_SPACES) for code in range(first, last + 1))
"""French and Japanese are written with them, and a shell takes them for letters."""


class Writing(dict[int, int | str]):
    """How each character is written: those that are not seen as `write` has it, all others as they are.

    A table for `str.translate` that fills itself, up to the planes that are seldom met."""

    def __init__(self, write: Callable[[str], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, code: int) -> int | str:
        written = self._write(chr(code)) if is_unseen(chr(code)) else code
        if code < _KEPT:
            self[code] = written
        return written


def is_unseen(character: str) -> bool:
    return _is_in(_UNSEEN, ord(character))


def written_out(text: str, writing: Writing) -> str:
    """The text as it is written so; what joins emoji stays where it does that."""
    if not any(joiner in text for joiner in _JOINERS):
        return text.translate(writing)
    parts, end = [], 0
    for at, character in enumerate(text):
        if character in _JOINERS and joins_emoji(text, at):
            parts += [text[end:at].translate(writing), character]
            end = at + 1
    return "".join([*parts, text[end:].translate(writing)])


def joins_emoji(text: str, at: int) -> bool:
    """Whether this character is seen by what it makes of its neighbours: the one joiner between two emoji, the one selector
    after an emoji or in a keycap."""
    if text[at] not in _JOINERS:
        return False
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if text[at] == _JOINER:
        if before == _STYLED:
            before = text[at - 2 : at - 1]
        return _is_emoji(after) and (_is_emoji(before) or before in _SKINS)
    if after == _KEYCAP:
        return text[at] == _STYLED and before in _KEYS
    return _is_emoji(before)


def _is_emoji(character: str) -> bool:
    return character != "" and _is_in(_EMOJI, ord(character))


def _is_in(ranges: Ranges, code: int) -> bool:
    at = bisect_right(ranges, (code, 0x110000)) - 1
    return at >= 0 and code <= ranges[at][1]
