"""What a command says, kept within bounds while it says it."""

import codecs
import io

from runtime.tools.visible import gap_notice, make_visible


class Capture:
    """The head and the tail of an output, `room` characters in all, and a count of what was between them."""

    def __init__(self, room: int) -> None:
        utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._decoder = io.IncrementalNewlineDecoder(utf8, translate=True)  # a progress bar's CR is a line end too
        self._room = room
        self._head = ""
        self._tail = ""
        self._dropped = 0
        self.size = 0

    def add(self, chunk: bytes, *, last: bool = False) -> str:
        """Take the next bytes, and give back what they say; half a character waits for its other half."""
        self.size += len(chunk)
        text = make_visible(self._decoder.decode(chunk, final=last))
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

    def __str__(self) -> str:
        return f"{self._head}{gap_notice(self.left_out) if self.left_out else ''}{self._tail}"

    def _trim(self) -> None:
        excess = len(self._tail) - (self._room - self._room // 2)
        if excess > 0:
            self._tail = self._tail[excess:]
            self._dropped += excess
