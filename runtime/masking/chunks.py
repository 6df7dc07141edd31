"""Text that comes in pieces: no piece shows a secret that began in an earlier one."""

from runtime.masking.masker import Masker
from runtime.masking.shapes import open_key_in

_LOOK_BACK = 256  # what was shown already and may tell what comes next is a secret
_LONG_WORD = 2_000
_LONGEST = 65_536
_LITERAL = 256  # longer than what any secret is known by


class Chunks:
    """Takes pieces, and gives back what can be shown by now: up to the word that is still being written."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._before = ""  # as it was, not as it was shown
        self._held = ""
        self._look_at = _LONG_WORD
        self._wary = 0  # for how many more characters what was shown may tell something of what comes

    def add(self, piece: str) -> str:
        self._held += piece
        if piece.split() == [piece] and len(self._held) < self._look_at:
            return ""  # the word goes on
        released = self._release(self._safe_end())
        self._look_at = max(_LONG_WORD, len(self._held) + _LITERAL)
        return released

    def end(self) -> str:
        """What was held back until now."""
        return self._release(len(self._held))

    def _safe_end(self) -> int:
        """How much of what is held cannot be the beginning of a secret any more."""
        held, whole = self._held, self._before + self._held
        if len(held) > _LONGEST:
            return len(held)
        end = self._word_start(held)
        key = open_key_in(whole)
        if key is not None:
            end = min(end, max(key - len(self._before), 0))
        return min((end, *(_start_of(value, held) for value in self._masker.spaced)))

    def _word_start(self, held: str) -> int:
        start = len(held) - (len(held.rsplit(None, 1)[-1]) if held and not held[-1].isspace() else 0)
        if len(held) - start > _LONG_WORD and not self._masker.suspects(held[start:]):
            return len(held) - _LITERAL  # a picture in base64, say
        return start

    def _release(self, end: int) -> str:
        if end <= 0:
            return ""
        whole, shown_before = self._before + self._held, len(self._before)
        end += shown_before
        suspects = self._masker.suspects(self._held)
        spans = self._masker.find(whole) if suspects or self._wary else ()
        parts, at = list[str](), shown_before
        for found in spans:
            if found.end <= at or found.start >= end:
                continue
            if found.end > end and end < len(whole):
                end = max(found.start, at)  # it goes on behind what can be shown: it waits whole
                break
            parts += (whole[at : found.start], self._masker.mark(whole, found))
            at = max(at, found.end)
        parts.append(whole[at:end])
        self._wary = _LOOK_BACK if suspects else max(self._wary - end + shown_before, 0)
        self._before, self._held = whole[:end][-_LOOK_BACK:], whole[end:]
        return "".join(parts)


def _start_of(value: str, held: str) -> int:
    """Where, at the end of what is held, a value begins of which not all has come yet."""
    for length in range(min(len(value) - 1, len(held)), 0, -1):
        if held.endswith(value[:length]):
            return len(held) - length
    return len(held)
