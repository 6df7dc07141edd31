"""The stop button: what is awaited feels it, what cleans up is waited for, and another cancellation stays one."""

import asyncio
import contextlib

import pytest

from runtime.stopping import StopButton, Stopped


async def _wait_heeding(button: StopButton, waiting: asyncio.Event, cleaned: list[str]) -> str:
    try:
        with button.heeded():
            try:
                waiting.set()
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                cleaned.append("cleaned")
    except Stopped:
        return "stopped"
    return "ended"


async def _begun(button: StopButton, cleaned: list[str]) -> "asyncio.Task[str]":
    waiting = asyncio.Event()
    task = asyncio.create_task(_wait_heeding(button, waiting, cleaned))
    await waiting.wait()
    return task


async def test_pressing_stops_what_is_awaited_once_it_has_cleaned_up() -> None:
    button, cleaned = StopButton(), list[str]()
    task = await _begun(button, cleaned)

    button.press()
    button.press()

    assert await task == "stopped"
    assert cleaned == ["cleaned"]
    assert task.cancelling() == 0


async def test_what_begins_after_the_press_is_not_begun() -> None:
    button = StopButton()
    button.press()

    with pytest.raises(Stopped), button.heeded():
        pytest.fail("it was begun")


async def test_a_press_outside_of_a_heeded_block_cancels_nothing() -> None:
    button = StopButton()
    with button.heeded():
        pass

    button.press()

    await asyncio.sleep(0)


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    button, cleaned = StopButton(), list[str]()
    task = await _begun(button, cleaned)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == ["cleaned"]


async def test_a_cancellation_that_comes_with_the_press_stays_one() -> None:
    button, cleaned = StopButton(), list[str]()
    task = await _begun(button, cleaned)

    button.press()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def _think(button: StopButton, waiting: asyncio.Event) -> str:
    try:
        with button.thinking():
            waiting.set()
            await asyncio.Event().wait()
    except Stopped:
        return "stopped"
    return "ended"


async def test_whoever_leaves_cuts_off_what_thinks_and_nothing_else() -> None:
    button, waiting, cleaned = StopButton(), asyncio.Event(), list[str]()
    thinking = asyncio.create_task(_think(button, waiting))
    await waiting.wait()
    button.leave()
    with pytest.raises(asyncio.CancelledError):
        await thinking

    other = StopButton()
    working = await _begun(other, cleaned)
    other.leave()
    await asyncio.sleep(0)
    assert not working.cancelling()
    other.press()
    assert await working == "stopped"


async def test_whoever_has_left_begins_no_thinking() -> None:
    button = StopButton()
    button.leave()

    with pytest.raises(asyncio.CancelledError), button.thinking():
        pytest.fail("it was begun")


async def test_a_press_stops_what_thinks_as_well() -> None:
    button, waiting = StopButton(), asyncio.Event()
    thinking = asyncio.create_task(_think(button, waiting))
    await waiting.wait()

    button.press()

    assert await thinking == "stopped"


async def test_a_block_that_ends_all_the_same_has_ended() -> None:
    button, waiting = StopButton(), asyncio.Event()

    async def stubborn() -> str:
        with button.heeded():
            waiting.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        await asyncio.sleep(0)
        return "done"

    task = asyncio.create_task(stubborn())
    await waiting.wait()
    button.press()

    assert await task == "done"
    assert task.cancelling() == 0
