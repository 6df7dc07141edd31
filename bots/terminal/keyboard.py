"""The keyboard of a real terminal: it is read by one at a time, for a line, for an answer, or for a password."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from prompt_toolkit import PromptSession
from prompt_toolkit.history import DummyHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from bots.terminal.passwords import PasswordQuestion, TerminalPasswords
from runtime.tools.visible import make_all_visible

_WANTED = "Password for sudo (it is not shown; Ctrl-C does not run it): "
_NOT_WANTED = "It is not wanted any more, and nothing is run: press Enter. "

_LOOK_AGAIN = 1.0  # seconds

Say = Callable[[str], None]
Toolbar = Callable[[int], str]  # what stands below the line, in so many cells; asked with each key and each second


class Interrupted(Exception):
    """Ctrl-C was pressed. A KeyboardInterrupt must not leave a task: it would end the loop."""


class Keyboard:
    """What is typed. `say` prints a line above."""

    def __init__(self, passwords: TerminalPasswords, say: Say) -> None:
        self._passwords, self._say = passwords, say
        self._lines: PromptSession[str] = PromptSession(history=InMemoryHistory())

    @cached_property
    def _questions(self) -> PromptSession[str]:
        return PromptSession()  # not before something is asked: one takes long to make

    def redraw(self) -> None:
        self._lines.app.invalidate()

    async def ask(self, question: str) -> str | None:
        """An answer to a question; None where the person goes back."""
        try:
            return await self._questions.prompt_async(question, handle_sigint=False)
        except (KeyboardInterrupt, EOFError):
            return None

    async def read_line(self, toolbar: Toolbar) -> str:
        """The next line. A password that is needed meanwhile is asked for in between, and what was typed so far stays.

        Raises Interrupted and EOFError for Ctrl-C and Ctrl-D.
        """
        typed = ""
        while True:
            line = asyncio.ensure_future(self._read(toolbar, typed))
            asked = asyncio.ensure_future(self._passwords.until_asked())
            try:
                await asyncio.wait({line, asked}, return_when=asyncio.FIRST_COMPLETED)
                if line.done():
                    return line.result()
                typed = self._lines.default_buffer.text
            finally:
                line.cancel()
                asked.cancel()
                await asyncio.gather(line, asked, return_exceptions=True)
            if question := self._passwords.take():
                await self._ask_for_password(question)

    async def _read(self, toolbar: Toolbar, typed: str) -> str:
        try:
            # Signals are the house's: only the key is handled here.
            return await self._lines.prompt_async(
                "> ",
                bottom_toolbar=lambda: toolbar(self._lines.output.get_size().columns),
                refresh_interval=_LOOK_AGAIN,
                default=typed,
                handle_sigint=False,
            )
        except KeyboardInterrupt:
            raise Interrupted from None

    async def _ask_for_password(self, question: PasswordQuestion) -> None:
        """It goes to who asks and to nobody else. Where that one stops waiting, what is typed is still read here, lest it
        were taken for a line: the line below is stored, and read by a model."""
        self._say("To be run as the machine's administrator:")
        self._say("\n".join(f"    {line}" for line in make_all_visible(question.command).split("\n")))
        hidden: PromptSession[str] = PromptSession(
            history=DummyHistory(), input_processors=[_Unseen()], key_bindings=_without_search()
        )
        with _told_when_closed(question, hidden.app.invalidate):
            try:
                typed = await hidden.prompt_async(
                    lambda: _WANTED if question.is_open else _NOT_WANTED, handle_sigint=False
                )
            except (KeyboardInterrupt, EOFError):
                question.give(None)
                return
            finally:
                hidden.default_buffer.reset()
        first, *_ = typed.splitlines() or [""]
        question.give(bytearray(first.encode("utf-8", "surrogateescape")) or None)


class _Unseen(Processor):
    """Shows nothing of what is typed, not even how much it is."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        return Transformation([], source_to_display=lambda at: 0, display_to_source=lambda at: 0)


def _without_search() -> KeyBindings:
    """The keys that would begin to search, in sight, do nothing."""
    keys = KeyBindings()
    for key in ("c-r", "c-s"):
        keys.add(key)(lambda event: None)
    return keys


@contextmanager
def _told_when_closed(question: PasswordQuestion, tell: Callable[[], None]) -> Iterator[None]:
    question.closed = tell
    try:
        yield
    finally:
        question.closed = lambda: None
