"""What a tool did is on record, whatever becomes of its run while it does it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runtime.records import Effect, Observation
from runtime.states import CallState, RunStatus
from runtime.tools.port import ToolScope
from storage.events import verify_chain
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import at_work, open_stage
from tests.runtime.tools.doubles import Echo


@pytest.mark.promise(37)
async def test_a_command_whose_run_another_worker_took_is_on_record_all_the_same(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="touch begun; sleep 600")))
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.WAITING)
        await stage.press("approve")
        await stage.until((stage.folder / "begun").exists)

        await stage.store.take_back(stage.clock.at + timedelta(hours=1))

        (audit,) = await stage.until(lambda: stage.events_of(1, "command_audit"))
        assert audit.body["stopped"]
        assert audit.body["command"] == "touch begun; sleep 600"
        run = await stage.run(1, RunStatus.WAITING)
        assert (run.attempts, run.steps[0].calls[0].state) == (1, CallState.OUTCOME_UNKNOWN)
        assert list(verify_chain(stage.store.database.reader)) == []


@pytest.mark.promise(33)
async def test_a_call_that_a_shutdown_cuts_off_and_that_will_be_repeated_is_on_record_for_what_it_did(
    tmp_path: Path,
) -> None:
    begun = asyncio.Event()

    async def hangs(arguments: Any, scope: ToolScope) -> Observation:
        await scope.audit({"half": "done"})
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    repeatable = Echo(effect=Effect.IDEMPOTENT, does=hangs)
    async with open_stage(tmp_path, grace=timedelta(0), tools=[repeatable]) as stage:
        async with at_work(stage):
            stage.says = plans(directive(call("echo", text="hello")))
            await stage.says_to_mallard("repeat it")
            await begun.wait()

        (audit,) = stage.events_of(1, "command_audit")
        assert audit.body is not None
        assert audit.body["half"] == "done"
        assert stage.run_now().steps[0].calls[0].state is CallState.STARTED
