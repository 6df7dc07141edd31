"""How a connection stands: the one place where its end, and the reason for it, is first known."""

import asyncio


class Course:
    """Whether a connection is over, and why: the first reason stays. `closed` says that nothing is left of it by now, and
    `changed` that the server's tools are not what they were."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.closed = asyncio.Event()
        self.changed = asyncio.Event()
        self.why = ""
        self.remark = ""
        self.asked_for = False
        self._is_left = False

    def end(self, why: str, *, asked_for: bool = False) -> None:
        """`asked_for`: we want it over, and there is nothing wrong with the server."""
        if not self.over.is_set():
            self.why, self.asked_for = why, asked_for
            self.over.set()

    def leave(self) -> None:
        """We are going: what the server does from now on is our doing, and no reason for anything."""
        self._is_left = True

    def died(self, why: str) -> None:
        """The server's side ended."""
        if not self._is_left:
            self.end(why)

    def explain(self, words: str) -> str:
        """The reason, or these words where none is known; with what was remarked on the way."""
        return f"{self.why or words}{f' ({self.remark})' if self.remark else ''}"
