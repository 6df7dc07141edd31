"""Passwords asked for at this terminal: one at a time, seen by nobody, and put into no history."""

import asyncio
from collections import deque
from collections.abc import Callable

from runtime.tools.passwords import wipe

PATIENCE = 120.0  # seconds


class PasswordQuestion:
    """One that waits for its answer. `closed` is called once it does so no more."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.closed: Callable[[], None] = lambda: None
        self.answer: asyncio.Future[bytearray | None] = asyncio.get_running_loop().create_future()
        self.answer.add_done_callback(lambda _: self.closed())

    @property
    def is_open(self) -> bool:
        return not self.answer.done()

    def give(self, password: bytearray | None) -> None:
        """None where the person does not want to. What comes too late is wiped."""
        if self.is_open:
            self.answer.set_result(password)
        elif password is not None:
            wipe(password)

    def forget(self) -> None:
        """Wipe what was given to somebody who was just leaving."""
        if self.answer.done() and not self.answer.cancelled() and (password := self.answer.result()) is not None:
            wipe(password)


class TerminalPasswords:
    """Whoever needs a password asks; whoever reads the keyboard takes the question, and gives it the answer."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._waiting: deque[PasswordQuestion] = deque()
        self._asked = asyncio.Event()

    async def ask(self, command: str) -> bytearray | None:
        question = PasswordQuestion(command)
        self._waiting.append(question)
        self._asked.set()
        try:
            async with asyncio.timeout(self._patience):
                return await question.answer
        except TimeoutError:
            question.forget()
            return None
        except asyncio.CancelledError:
            question.forget()
            raise

    async def until_asked(self) -> None:
        """Return once a question can be taken."""
        while self._find() is None:
            self._asked.clear()
            await self._asked.wait()

    def take(self) -> PasswordQuestion | None:
        """The one that was asked first; None where nobody waits any more."""
        question = self._find()
        if question is not None:
            self._waiting.popleft()
        return question

    def _find(self) -> PasswordQuestion | None:
        while self._waiting and not self._waiting[0].is_open:
            self._waiting.popleft()
        return self._waiting[0] if self._waiting else None
