"""Messages that come in together, or while what was missed is caught up: each is read in the light of those before it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.arrivals import Arrivals
from runtime.errors import StorageError
from runtime.records import IncomingMessage, RunId
from tests.runtime.failing import Failing, fail
from tests.runtime.stage import ALICE, NOON, POND, Stage, open_stage


@pytest.mark.promise(23)
async def test_what_continues_a_message_that_is_just_coming_in_is_heard_after_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await asyncio.gather(
            stage.says_to_mallard("please look"),
            stage.says_to_mallard("and there", addressed=False),
            stage.says_to_mallard("here too", addressed=False),
        )

        assert requests(stage) == ["please look", "and there", "here too"]


@pytest.mark.promise(24)
async def test_what_continues_a_message_that_was_missed_is_heard_once_that_is_caught_up(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        stage.door.begin_catching_up("slack")
        await stage.says_to_mallard("and there", addressed=False)
        await stage.says_to_mallard("to each other", addressed=False, where=replace(POND, thread="30.1"))

        await stage.says_to_mallard("please look", missed=True)
        await stage.door.end_catching_up("slack")

        assert requests(stage) == ["please look", "and there"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_the_bound_stands_still_until_all_that_was_missed_is_read_and_knows_all_that_was_heard_then(
    tmp_path: Path,
) -> None:
    """Whoever catches up reads place by place: a crash leaves places behind that nobody has read."""
    elsewhere = replace(POND, channel="C2", thread="30.1")
    async with open_stage(tmp_path) as stage:
        stage.door.begin_catching_up("slack")
        await stage.says_to_mallard("missed", missed=True)
        await stage.says_to_mallard("live", where=elsewhere)
        assert not stage.store.list_seen("slack")

        await stage.door.end_catching_up("slack")

        assert {each.where for each in stage.store.list_seen("slack")} == {POND, elsewhere}


@pytest.mark.promise(24)
@pytest.mark.promise(35)
async def test_the_bound_waits_for_what_is_still_on_its_way_when_catching_up_ends(tmp_path: Path) -> None:
    async with open_stage(tmp_path, writing_with=Failing) as stage:
        stage.door.begin_catching_up("slack")
        fail(after="INSERT INTO inbound")
        with pytest.raises(StorageError):
            await stage.says_to_mallard("first", id="1")
        await stage.says_to_mallard("second", id="2")
        await stage.door.end_catching_up("slack")
        assert not stage.store.list_seen("slack")

        await stage.says_to_mallard("first", id="1", where=replace(POND, thread="30.1"))

        assert {each.last_id for each in stage.store.list_seen("slack")} == {"1", "2"}


@pytest.mark.promise(24)
@pytest.mark.promise(35)
async def test_a_bound_that_cannot_be_written_when_catching_up_ends_is_written_with_the_next_message(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, writing_with=Failing) as stage:
        stage.door.begin_catching_up("slack")
        await stage.says_to_mallard("missed", missed=True)
        fail(after="INSERT INTO conversations")
        await stage.door.end_catching_up("slack")
        assert not stage.store.list_seen("slack")

        await stage.says_to_mallard("live", where=replace(POND, thread="30.1"))

        assert len(stage.store.list_seen("slack")) == 2


@pytest.mark.promise(30)
async def test_an_option_that_was_set_in_private_makes_no_channel_private_to_what_was_missed(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        channel = replace(POND, thread="")
        await stage.door.set_option(channel, "debug", "on", by=ALICE, direct=True)
        stage.door.begin_catching_up("slack")

        await stage.says_to_mallard("hello", where=channel, missed=True)

        assert (stage.run_now(1).direct, stage.run_now(1).debug) == (False, True)


@pytest.mark.promise(25)
async def test_what_people_said_before_somebody_was_worked_for_stays_theirs(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.says_to_mallard("please look")

        earlier = stage.clock.now() - timedelta(seconds=1)
        await stage.says_to_mallard("we should ask", addressed=False, sent_at=earlier, missed=True)

        assert requests(stage) == ["please look"]


@pytest.mark.parametrize(("failure", "moves"), [(StorageError("the disk is full"), False), (ValueError(), True)])
def test_only_what_could_not_be_recorded_holds_the_bound(failure: Exception, moves: bool) -> None:
    arrivals = Arrivals()
    first, second = (
        IncomingMessage(id=each, where=POND, author=ALICE, text="hello", sent_at=NOON) for each in ("1", "2")
    )

    with pytest.raises(type(failure)), arrivals.coming_in(first):
        raise failure

    assert arrivals.may_move_bound(second) is moves


def requests(stage: Stage) -> list[str]:
    """What there are runs for, in the order of these."""
    found = (stage.store.find_run(RunId(number)) for number in range(1, 9))
    return [run.request for run in found if run is not None]
