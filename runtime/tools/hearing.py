"""What we hear of a command: all that it says, or what is said once it has begun and without the secret it was given."""

from typing import Protocol

_MARK = "•••••••".encode()
_SHORTEST = 4  # what is shorter stands in every other word: to hide it there would be to tell it
_MOST_BEFORE = 4_000


class Hearing(Protocol):
    def add(self, chunk: bytes) -> bytes:
        """Take what was said, and give back what is heard by now."""
        ...

    def end(self) -> bytes:
        """What was held back until now."""
        ...


class Plain:
    """Everything is heard."""

    def add(self, chunk: bytes) -> bytes:
        return chunk

    def end(self) -> bytes:
        return b""


class Veiled:
    """Nothing is heard until a line says `opening`; from then on everything, but for `secret`, in the place of which stand dots.

    `before` is what was said instead of the opening, or ahead of it.
    """

    def __init__(self, opening: str, secret: bytearray) -> None:
        self._opening = opening.encode() + b"\n"
        self._secret = secret if len(secret) >= _SHORTEST else bytearray()
        self._held = b""
        self.begun = False

    @property
    def before(self) -> str:
        return "" if self.begun else self._without_secret(self._held).decode("utf-8", "replace")

    def add(self, chunk: bytes) -> bytes:
        self._held += chunk
        if not self.begun:
            self._wait_for_opening()
        if not self.begun:
            return b""
        self._held = self._without_secret(self._held)
        return self._release(self._safe_end())

    def end(self) -> bytes:
        return self._release(len(self._held)) if self.begun else b""

    def _wait_for_opening(self) -> None:
        before, opening, after = self._held.partition(self._opening)
        self.begun = bool(opening)
        self._held = after if self.begun else before[-_MOST_BEFORE - len(self._opening) :]

    def _safe_end(self) -> int:
        """How much of what is held, which holds none, cannot be the beginning of the secret."""
        for length in range(min(len(self._secret) - 1, len(self._held)), 0, -1):
            if self._held.endswith(self._secret[:length]):
                return len(self._held) - length
        return len(self._held)

    def _release(self, end: int) -> bytes:
        heard, self._held = self._held[:end], self._held[end:]
        return heard

    def _without_secret(self, said: bytes) -> bytes:
        return said.replace(self._secret, _MARK) if self._secret else said
