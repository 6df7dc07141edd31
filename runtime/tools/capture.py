"""What a command says, kept within bounds while it says it."""

import codecs
import io

from runtime.tools.visible import gap_notice, make_prose_visible


class Capture:
    """The head and the tail of an output, `room` characters in all, and a count of what was between them.

    Its first `whole` characters are kept as well.
    """

    def __init__(self, room: int, *, whole: int = 0) -> None:
        utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._decoder = io.IncrementalNewlineDecoder(utf8, translate=True)  # a progress bar's CR is a line end too
        self._room = room
        self._head = ""
        self._tail = ""
        self._dropped = 0
        self._pieces: list[str] = []
        self._space = whole
        self._beyond = 0
        self.size = 0

    def add(self, chunk: bytes, *, last: bool = False) -> str:
        """Take the next bytes, and give back what they say; half a character waits for its other half."""
        self.size += len(chunk)
        text = make_prose_visible(self._decoder.decode(chunk, final=last))
        self._keep(text)
        free = self._room // 2 - len(self._head)
        self._head += text[:free]
        self._tail += text[free:]
        if len(self._tail) > 2 * self._room:
            self._trim()
        return text

    @property
    def left_out(self) -> int:
        self._trim()
        return self._dropped

    @property
    def whole(self) -> str:
        """The output, all of it where there was space for that, else its beginning with a count of the rest."""
        return "".join(self._pieces) + (gap_notice(self._beyond) if self._beyond else "")

    def _keep(self, text: str) -> None:
        kept = text[: self._space]
        if kept:
            self._pieces.append(kept)
            self._space -= len(kept)
        self._beyond += len(text) - len(kept)

    def __str__(self) -> str:
        return f"{self._head}{gap_notice(self.left_out) if self.left_out else ''}{self._tail}"

    def _trim(self) -> None:
        excess = len(self._tail) - (self._room - self._room // 2)
        if excess > 0:
            self._tail = self._tail[excess:]
            self._dropped += excess
