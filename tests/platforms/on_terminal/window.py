"""A window of a terminal with somebody at the keyboard: the real conversation, over a pipe instead of a keyboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from bots.house import House
from bots.terminal.interactive import converse
from bots.terminal.passwords import TerminalPasswords
from bots.terminal.platform import TerminalPlatform

PATIENCE = 20.0


class Window:
    def __init__(self, platform: TerminalPlatform, keyboard: PipeInput) -> None:
        self.platform = platform
        self._keyboard = keyboard

    def type(self, line: str) -> None:
        """A line and Enter."""
        self._keyboard.send_text(f"{line}\r")


class _Glass(DummyOutput):
    """What the input line is drawn on: nobody looks at it, but once it is drawn keys are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = asyncio.Event()

    def flush(self) -> None:
        self.drawn.set()

    def get_size(self) -> Size:
        """As small as can be, since everything is drawn anew with each key."""
        return Size(rows=2, columns=20)


@asynccontextmanager
async def open_window(platform: TerminalPlatform, house: House) -> AsyncIterator[Window]:
    """Talk in a window of a house that works; it is closed as `mallard chat` closes it when it is asked to stop."""
    with create_pipe_input() as keyboard:
        glass = _Glass()

        async def talk() -> None:
            with create_app_session(input=keyboard, output=glass):
                await converse(platform, house.clock, house.watch, TerminalPasswords(), greeting="")

        talking = asyncio.create_task(talk(), name="talk")
        try:
            async with asyncio.timeout(PATIENCE):
                await glass.drawn.wait()
            yield Window(platform, keyboard)
        finally:
            talking.cancel()
            await asyncio.wait({talking})
            if not talking.cancelled():
                talking.result()
