"""Telling what a model thought aloud from what it answered, where a server sends both as one text."""

from runtime.models.port import Delta

OPEN, CLOSE = "<think>", "</think>"


def separate(text: str) -> tuple[str, str]:
    """(reasoning, answer). Thinking stands at the start, in tags; some templates swallow the opening one."""
    stripped = text.lstrip()
    if stripped.startswith(OPEN):
        reasoning, _, answer = stripped.removeprefix(OPEN).partition(CLOSE)
        return reasoning.strip(), answer.strip()
    before, closed, answer = text.partition(f"\n{CLOSE}\n")
    return (before.strip(), answer.strip()) if closed else ("", text)


class ThinkingSplitter:
    """The same for a text that comes in pieces. A piece that may be the start of a tag waits for the next."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, piece: str) -> Delta:
        """What is known to be thinking and what is known to be answer, after one more piece."""
        if self._state == "answer":
            return Delta(text=piece)
        self._held += piece
        if self._state == "start":
            return self._start()
        return self._think() if self._state == "thinking" else self._begin_answer()

    def finish(self) -> Delta:
        """What was still held back."""
        held = self._take(len(self._held))
        return Delta(reasoning=held) if self._state == "thinking" else Delta(text=held)

    def _start(self) -> Delta:
        stripped = self._held.lstrip()
        if len(stripped) < len(OPEN) and OPEN.startswith(stripped):
            return Delta()
        if not stripped.startswith(OPEN):
            self._state = "answer"
            return Delta(text=self._take(len(self._held)))
        self._state, self._held = "thinking", stripped.removeprefix(OPEN)
        return self._think()

    def _think(self) -> Delta:
        thought, closed, answer = self._held.partition(CLOSE)
        if not closed:
            return Delta(reasoning=self._take(max(len(self._held) - len(CLOSE) + 1, 0)))
        self._state, self._held = "closed", answer
        return Delta(reasoning=thought, text=self._begin_answer().text)

    def _begin_answer(self) -> Delta:
        """Blank lines between thinking and answer belong to neither."""
        self._held = self._held.lstrip()
        if self._held:
            self._state = "answer"
        return Delta(text=self._take(len(self._held)))

    def _take(self, count: int) -> str:
        taken, self._held = self._held[:count], self._held[count:]
        return taken
