"""One keyboard, read by one at a time: what was typed for one of them never reaches another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bots.terminal.keyboard import Keyboard
from bots.terminal.passwords import TerminalPasswords

Press = Callable[[str], None]


class Desk:
    """Somebody who reads lines, and what the terminal says above them."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.passwords = TerminalPasswords()
        self.said: list[str] = []
        self.asked = asyncio.Event()
        self.keyboard = Keyboard(self.passwords, self._say)
        self.line = asyncio.ensure_future(self.keyboard.read_line(lambda width: ""))

    def _say(self, text: str) -> None:
        self.said.append(text)
        self.asked.set()


@asynccontextmanager
async def at_the_desk() -> AsyncIterator[Desk]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        desk = Desk(keys.send_text)
        try:
            yield desk
        finally:
            desk.line.cancel()
            await asyncio.wait({desk.line})


async def test_what_is_typed_for_a_password_is_no_line_and_what_is_typed_for_a_line_is_no_password() -> None:
    async with at_the_desk() as desk:
        desk.press("his")
        asking = asyncio.ensure_future(desk.passwords.ask("apt update"))
        await desk.asked.wait()
        desk.press("quack\r")
        assert await asking == bytearray(b"quack")
        desk.press("tory\r")

        assert (await desk.line).endswith("tory")
        assert "quack" not in desk.line.result()
        assert desk.said == ["To be run as the machine's administrator:", "    apt update"]


@pytest.mark.promise(29)
async def test_what_is_still_typed_once_nobody_wants_the_password_is_thrown_away() -> None:
    async with at_the_desk() as desk:
        asking = asyncio.ensure_future(desk.passwords.ask("apt update"))
        await desk.asked.wait()
        desk.press("qua")
        asking.cancel()
        await asyncio.wait({asking})
        desk.press("ck\r")
        desk.press("history\r")

        assert await desk.line == "history"


@pytest.mark.parametrize(("keys", "password"), [("\x03", None), ("\r", None), ("\x04", None), ("q\x12u\x13a\r", "qua")])
async def test_keys_that_go_back_give_no_password_and_those_that_search_do_nothing(
    keys: str, password: str | None
) -> None:
    async with at_the_desk() as desk:
        asking = asyncio.ensure_future(desk.passwords.ask("apt update"))
        await desk.asked.wait()
        desk.press(keys)

        assert await asking == (None if password is None else bytearray(password.encode()))


async def test_a_command_with_characters_that_steer_is_shown_and_steers_nothing() -> None:
    async with at_the_desk() as desk:
        asking = asyncio.ensure_future(desk.passwords.ask("echo \x1b[2J\necho two"))
        await desk.asked.wait()
        desk.press("\r")
        await asking

        assert desk.said[1] == "    echo ␛[2J\n    echo two"
