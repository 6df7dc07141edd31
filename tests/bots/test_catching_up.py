"""Catching up at a start goes on until all that was missed is in the record, whatever fails meanwhile."""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bots.catching_up import catch_up
from runtime.errors import PlatformUnavailable
from runtime.records import IncomingMessage
from tests.runtime.stage import ALICE, NOON, POND, Stage, open_stage

AT_ONCE = (0.0, 0.0, 0.0)


class Locked(sqlite3.Connection):
    """A database that another process keeps locked for the next `times` messages."""

    times = 0

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if "INSERT INTO inbound" in sql and Locked.times:
            Locked.times -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorname = "SQLITE_BUSY"
            raise error
        return super().execute(sql, parameters)


@pytest.mark.promise(24)
@pytest.mark.promise(35)
async def test_a_database_that_is_locked_for_a_while_does_not_end_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, writing_with=Locked) as stage:
        stage.wall.missed += [said("1"), said("2")]
        Locked.times = 1

        await _catch_up(stage)

        assert not Locked.times
        assert [stage.run_now(number).request for number in (1, 2)] == ["message 1", "message 2"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_cannot_be_read_is_read_as_soon_as_it_can_be_however_often_it_was_tried(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.wall.missed += [said("1")]
        stage.wall.hooks["catch_up"] = _fails(2 * len(AT_ONCE))

        await _catch_up(stage)

        assert stage.run_now(1).request == "message 1"
        await stage.says_to_mallard("and now?", sent_at=NOON + timedelta(minutes=1))
        assert [each.last_at for each in stage.store.list_seen("slack")] == [NOON + timedelta(minutes=1)]


@pytest.mark.promise(24)
async def test_a_message_that_meets_a_fault_of_ours_hides_none_that_came_after_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        broken = replace(said("1"), text=None)
        stage.wall.missed += [broken, said("2")]

        await _catch_up(stage)

        assert stage.run_now(1).request == "message 2"


def said(number: str) -> IncomingMessage:
    return IncomingMessage(id=number, where=POND, author=ALICE, text=f"message {number}", sent_at=NOON)


async def _catch_up(stage: Stage) -> None:
    stage.door.begin_catching_up("slack")
    await catch_up(stage.wall, stage.door, stage.store.list_seen("slack"), NOON, pauses=AT_ONCE)


def _fails(times: int) -> Callable[[], Awaitable[None]]:
    left = times

    async def fail() -> None:
        nonlocal left
        if left:
            left -= 1
            raise PlatformUnavailable("Slack is away")

    return fail
