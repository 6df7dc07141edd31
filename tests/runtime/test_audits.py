"""What a tool did is on record, whatever becomes of its run while it does it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runtime.contents import File
from runtime.records import ApprovalId, Effect, Observation, Risk
from runtime.shell.verdicts import Action, Classification, Verdict
from runtime.states import CallState, RunStatus
from runtime.tools.port import ToolScope
from runtime.tools.shell_exec_safe import ShellExecSafe
from storage.events import verify_chain
from tests.fakes.scripted import call, directive, plans
from tests.runtime.masking.samples import SECRETS
from tests.runtime.stage import at_work, open_stage
from tests.runtime.tools.doubles import Echo
from tests.runtime.tools.shell.judging import no_sandbox, sandbox_called


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


async def test_a_command_that_a_person_denied_is_on_record_as_not_run(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="touch ran")))
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.WAITING)
        await stage.press("deny")
        await stage.run(1, RunStatus.COMPLETED)

        (audit,) = stage.events_of(1, "command_audit")
        assert audit.body is not None
        assert (audit.body["ran"], audit.body["command"], audit.body["denied_by"]) == (False, "touch ran", "person")
        assert not (tmp_path / "ran").exists()


async def test_a_command_that_never_runs_is_on_record_with_the_reason(tmp_path: Path) -> None:
    def block(command: str, workspace: Path) -> Classification:
        reason = "it would empty the disk"
        return Classification(verdict=Verdict.BLOCK, action=Action.DESTROY, risk=Risk.CRITICAL, reason=reason)

    async with open_stage(tmp_path, tools=[ShellExecSafe(block)]) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="rm -rf /")))
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.COMPLETED)

        (audit,) = stage.events_of(1, "command_audit")
        assert audit.body is not None
        assert (audit.body["ran"], audit.body["denied_by"]) == (False, "policy")
        assert "it would empty the disk" in audit.body["reason"]


async def test_what_is_too_long_for_the_agent_comes_to_people_as_a_file(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="sh -c 'seq 1 20000'")))
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.WAITING)
        await stage.press("approve")
        await stage.run(1, RunStatus.COMPLETED)

        file = await stage.until(lambda: next((each for each in stage.wall.files()), None))
        assert isinstance(file, File)
        assert file.text == "".join(f"{number}\n" for number in range(1, 20_001))
        assert "call 1 of shell_exec_safe" in file.comment


@pytest.mark.needs("landlock")
async def test_the_new_card_of_a_command_whose_sandbox_is_gone_says_so(tmp_path: Path) -> None:
    tool = ShellExecSafe(find=sandbox_called("landlock"))
    async with open_stage(tmp_path, tools=[tool]) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="touch ran")))
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.WAITING)
        assert "(landlock)" in (await stage.store_card(1)).why_asked
        tool.__init__(find=no_sandbox)  # type: ignore[misc]  # the same machine after a restart, without its sandbox

        await stage.press("approve")
        await stage.until(lambda: stage.store.find_approval(ApprovalId(2)))

        assert "There is no sandbox here" in (await stage.store_card(2)).why_asked
        assert not (tmp_path / "ran").exists()


async def test_a_file_is_brought_without_what_became_secret_since_it_was_made(tmp_path: Path) -> None:
    token = SECRETS["Stripe"]
    async with open_stage(tmp_path) as stage, at_work(stage):
        await stage.says_to_mallard("hello")
        run = await stage.run(1, RunStatus.COMPLETED)
        await stage.store.owe_file(run, name="out.txt", text=f"it is {token}", comment="All:", at=stage.clock.now())

        file = await stage.until(lambda: next((each for each in stage.wall.files()), None))
        assert token not in file.text
        assert "•••••••" in file.text
