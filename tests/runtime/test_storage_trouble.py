"""A record that fails for a while: nothing is built on what it could not keep, and nothing is forgotten."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.errors import StorageError
from runtime.models.port import ModelRequest
from runtime.records import Risk
from runtime.signals import Signal
from runtime.states import CallState, RunStatus
from runtime.worker import PAUSES
from storage.events import verify_chain
from tests.fakes.scripted import Spoken, call, directive, observed, plans
from tests.runtime.bell import Bell
from tests.runtime.failing import Failing, fail
from tests.runtime.stage import at_work, open_stage


@pytest.mark.promise(35)
async def test_a_run_that_went_ahead_of_a_commit_that_failed_builds_nothing_on_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, writing_with=Failing) as stage, at_work(stage):
        (stage.folder / "a.txt").write_text("hello")
        stage.says = plans(directive(call("read_file", path="a.txt")), directive(call("list_files", path=".")))
        thinking = asyncio.Event()

        def says(request: ModelRequest) -> Spoken:
            if observed(request) == 0:
                stage.model.hold(thinking, once=True)  # the next question finds the observation told, not committed
            return plans(directive(call("read_file", path="a.txt")), directive(call("list_files", path=".")))(request)

        stage.says = says
        fail(after="UPDATE call_states SET state = 'observed'")
        await stage.says_to_mallard("look")
        await stage.until(lambda: not Failing.times)
        assert stage.run_now(1).steps[0].calls[0].state is CallState.STARTED
        thinking.set()
        await stage.until(lambda: stage.run_now(1).attempts)
        stage.clock.at += PAUSES[0]
        stage.signals.wake((Signal.QUEUED,))

        run = await stage.run(1, RunStatus.COMPLETED)
        assert [each.state for step in run.steps for each in step.calls] == [CallState.OBSERVED] * 2
        assert list(verify_chain(stage.store.database.reader)) == []


@pytest.mark.promise(32)
@pytest.mark.promise(35)
async def test_a_call_whose_result_was_lost_with_a_commit_is_neither_run_again_nor_asked_about(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell], writing_with=Failing) as stage, at_work(stage):
        stage.says = plans(directive(call("bell")))
        fail(after="UPDATE call_states SET state = 'observed'")
        await stage.says_to_mallard("ring it")
        await stage.until(lambda: stage.run_now(1).attempts)
        stage.clock.at += PAUSES[0]
        stage.signals.wake((Signal.QUEUED,))

        run = await stage.run(1)

        assert (run.status, run.steps[0].calls[0].state) == (RunStatus.COMPLETED, CallState.OBSERVED)
        assert bell.rang == 1


@pytest.mark.parametrize("kind", ["answer", "card"])
@pytest.mark.promise(35)
async def test_a_delivery_whose_sending_could_not_be_written_down_is_not_left_in_hand(
    tmp_path: Path, kind: str
) -> None:
    async with open_stage(tmp_path, writing_with=Failing) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="sh -c true"))) if kind == "card" else plans()
        fail(after="UPDATE deliveries SET status = 'sent'")
        await stage.says_to_mallard("look")

        await stage.until(lambda: stage.deliveries() == [(kind, "sent", "full")])
        assert len(stage.wall.messages) == 1


@pytest.mark.promise(24)
@pytest.mark.promise(35)
async def test_what_could_not_be_recorded_holds_the_bound_of_catching_up_until_it_is(tmp_path: Path) -> None:
    async with open_stage(tmp_path, writing_with=Failing) as stage:
        fail(after="INSERT INTO inbound")
        with pytest.raises(StorageError):
            await stage.says_to_mallard("first", id="1")
        await stage.says_to_mallard("second", id="2")
        assert not stage.store.list_seen("slack")

        await stage.says_to_mallard("first", id="1")
        stage.clock.at += timedelta(seconds=1)
        await stage.says_to_mallard("third", id="3")
        assert [each.last_id for each in stage.store.list_seen("slack")] == ["3"]
