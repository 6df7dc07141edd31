"""Work that must not hold up an acknowledgement: it has an owner, and an end."""

import asyncio

import pytest

from runtime.chores import Chores


async def test_what_was_begun_comes_to_its_end_and_what_is_endless_is_cut_off() -> None:
    chores, done, going = Chores("pond"), asyncio.Event(), asyncio.Event()

    async def end() -> None:
        await going.wait()
        done.set()

    async def go_on() -> None:
        going.set()
        await asyncio.Event().wait()

    endless = chores.spawn(go_on(), "go on", endless=True)
    chores.spawn(end(), "end")
    await chores.finish(5)

    assert done.is_set()
    assert endless.cancelled()


async def test_what_does_not_end_in_time_is_cut_off() -> None:
    chores = Chores("pond")
    stuck = chores.spawn(asyncio.Event().wait(), "wait")  # type: ignore[arg-type]  # what it returns nobody wants

    await chores.finish(0.01)

    assert stuck.cancelled()


async def test_what_fails_is_logged_by_its_owners_name_and_takes_nothing_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chores, failed, other = Chores("pond"), asyncio.Event(), asyncio.Event()

    async def fail() -> None:
        failed.set()
        raise RuntimeError("dry")

    async def end() -> None:
        await failed.wait()
        other.set()

    chores.spawn(fail(), "fill the pond")
    chores.spawn(end(), "end")
    await chores.finish(5)

    assert other.is_set()
    assert "pond: fill the pond failed" in caplog.text
    assert "RuntimeError: dry" in caplog.text
