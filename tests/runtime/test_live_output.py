"""What a running tool says is shown while it runs, and never decides whether it does."""

import asyncio
from typing import Any

import pytest
from msgspec import field

from runtime.errors import PlatformUnavailable
from runtime.live_output import LINES, Pace, showing_output
from runtime.ports import Limits
from runtime.presence import NoStream
from runtime.records import ToolCall
from tests.runtime.stage import POND
from tests.runtime.tools.doubles import Bench, Echo, workspace_at
from tests.runtime.wall import Wall

AT_ONCE = Pace(before=0.0, between=0.0)


class Watched(Wall):
    """A wall that says when something new stands on it."""

    limits: Limits = field(default_factory=lambda: Limits(text=10_000, pieces=3, streams=True, edits=True))
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, *about: Any, **key: Any) -> Any:
        found = await super().post(*about, **key)
        self.changed.set()
        return found

    async def edit(self, *about: Any, **key: Any) -> None:
        await super().edit(*about, **key)
        self.changed.set()

    async def says(self, words: str) -> str:
        """The one message, once these words are in it."""
        async with asyncio.timeout(5):
            while not any(words in text for text in self.texts()):
                self.changed.clear()
                await self.changed.wait()
        (text,) = self.texts()
        return text


@pytest.fixture
async def call(tmp_path: Any) -> ToolCall:
    return await Bench(tool=Echo(), workspace=workspace_at(tmp_path)).ask(text="hello")


async def test_the_end_of_the_output_stands_in_one_message_that_grows(call: ToolCall) -> None:
    wall = Watched()
    async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=AT_ONCE) as show:
        await show("one\n")
        assert "```text\none\n```" in await wall.says("one")
        await show("".join(f"line {number}\n" for number in range(100)))
        shown = await wall.says("line 99")
        assert "line 79\n" not in shown
        assert shown.count("line ") == LINES
        assert "is running; so far" in shown

    assert "has ended; its last lines" in await wall.says("line 99")


async def test_a_call_that_is_soon_over_leaves_no_message(call: ToolCall) -> None:
    wall = Watched()
    async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=Pace(before=60)) as show:
        await show("done\n")

    assert wall.messages == {}


async def test_a_platform_that_is_away_does_not_end_the_call(call: ToolCall) -> None:
    wall, tried = Watched(), asyncio.Event()

    async def fail(*about: Any) -> None:
        tried.set()
        raise PlatformUnavailable("away")

    wall.hooks["post"] = fail
    async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=AT_ONCE) as show:
        await show("one\n")
        await tried.wait()
        wall.hooks.clear()
        await show("two\n")
        assert "one\ntwo" in await wall.says("two")


async def test_output_cannot_leave_its_fence(call: ToolCall) -> None:
    wall = Watched()
    async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=AT_ONCE) as show:
        await show("```\n@everyone\n")
        shown = await wall.says("@everyone")

    assert shown.count("```") == 2


async def test_where_messages_cannot_be_edited_none_is_posted(call: ToolCall) -> None:
    wall = Watched(limits=Limits(text=100, pieces=1, streams=True))
    async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=AT_ONCE) as show:
        await show("one\n")
        await asyncio.sleep(0)

    assert wall.messages == {}


async def test_an_error_of_the_call_passes_through_and_the_message_is_closed(call: ToolCall) -> None:
    wall = Watched()

    async def breaks() -> None:
        async with showing_output(NoStream(), wall, POND, call, key="k.o", pace=AT_ONCE) as show:
            await show("one\n")
            await wall.says("one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await breaks()

    assert "has ended" in wall.texts()[0]
