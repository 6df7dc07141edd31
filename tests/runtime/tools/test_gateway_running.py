"""A tool that the gateway runs: how it fails, how long it may take, what is told of its output."""

import asyncio
import os
from typing import Any

import pytest

from runtime.errors import LeaseLost
from runtime.records import Observation
from runtime.tools.failure import ToolFailed
from runtime.tools.port import ToolScope
from tests.runtime.tools.doubles import Bench, Echo, ignore


async def test_a_failing_tool_is_an_observation_without_a_traceback(
    bench: Bench, echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    echo.does = _raising(ZeroDivisionError("inner detail"))

    found = await bench.do(text="hi")

    assert (found.ok, found.error) == (False, "failed")
    assert "Traceback" not in found.text
    assert "inner detail" not in found.text
    assert "inner detail" in caplog.text


async def test_a_tool_that_gives_up_in_words_is_quoted(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(ToolFailed("No such thing.", code="missing"))

    assert await bench.do(text="hi") == Observation(ok=False, text="No such thing.", error="missing")


async def test_the_operating_system_is_quoted_without_its_paths(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(OSError(28, os.strerror(28), "/outside/place"))

    found = await bench.do(text="hi")

    assert os.strerror(28) in found.text
    assert "/outside" not in found.text


async def test_a_lost_lease_is_not_the_tools_failure(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(LeaseLost())

    with pytest.raises(LeaseLost):
        await bench.do(text="hi")


async def test_a_tool_that_takes_too_long_is_stopped(bench: Bench, echo: Echo) -> None:
    cleaned = asyncio.Event()

    async def hangs(arguments: Any, scope: ToolScope) -> Observation:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        raise AssertionError

    echo.timeout, echo.does = 0.01, hangs
    found = await bench.do(text="hi")

    assert found.error == "timed_out"
    assert cleaned.is_set()


async def test_a_time_out_inside_a_tool_is_not_the_tools_limit(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(TimeoutError())

    assert (await bench.do(text="hi")).error == "failed"


@pytest.mark.promise(29)
async def test_cancelling_passes_through_after_the_tool_cleaned_up(bench: Bench, echo: Echo) -> None:
    began, cleaned = asyncio.Event(), asyncio.Event()

    async def hangs(arguments: Any, scope: ToolScope) -> Observation:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()
        raise AssertionError

    echo.does = hangs
    call = await bench.ask(text="hi")
    running = asyncio.ensure_future(bench.run(call))
    await began.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert cleaned.is_set()


async def test_long_output_keeps_its_head_and_tail_and_says_how_much_is_missing(bench: Bench, echo: Echo) -> None:
    text = "".join(f"line {n}\n" for n in range(500))
    echo.does = _saying(text)

    found = await bench.do(text="hi")

    left_out = found.metadata["left_out"]
    assert len(found.text) <= echo.output_cap
    head, tail = found.text.split(f"\n[… {left_out:,} characters left out …]\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) + left_out == len(text)


async def test_spaces_of_a_language_stay_in_output(bench: Bench, echo: Echo) -> None:
    echo.does = _saying("Bonjour\u202f! 今日は\u3000晴れ\U000e0101")

    assert (await bench.do(text="hi")).text == "Bonjour\u202f! 今日は\u3000晴れ\\U000e0101"


async def test_control_characters_in_output_are_made_visible(bench: Bench, echo: Echo) -> None:
    echo.does = _saying("a\x1b[2J\x00\u202eb\ud800\tc\r\nd")

    assert (await bench.do(text="hi")).text == "a␛[2J␀\\u202eb\ufffd\tc\nd"


async def test_a_chat_that_cannot_show_output_does_not_stop_the_tool(bench: Bench, echo: Echo) -> None:
    async def speaks(arguments: Any, scope: ToolScope) -> Observation:
        await scope.on_output("half")
        return Observation(ok=True, text="whole")

    async def is_away(text: str) -> None:
        raise ConnectionError

    echo.does = speaks
    found = await bench.gateway.run(
        await bench.ask(text="hi"), bench.workspace, key="1", approved=True, on_output=is_away, audit=ignore
    )

    assert found == Observation(ok=True, text="whole")


def _raising(error: Exception) -> Any:
    async def fail(arguments: Any, scope: ToolScope) -> Observation:
        raise error

    return fail


def _saying(text: str) -> Any:
    async def say(arguments: Any, scope: ToolScope) -> Observation:
        return Observation(ok=True, text=text)

    return say
