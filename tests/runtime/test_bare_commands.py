"""From the card to the command: where the sandbox is gone, a person is asked again, whatever was allowed before."""

from pathlib import Path

import pytest

from runtime.records import ApprovalId, Requirement, Risk, ToolCall
from runtime.rules import Rule, Then
from runtime.states import CallState, RunStatus
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import ALICE, BOB, Stage, at_work, open_stage
from tests.runtime.tools.shell.judging import judge, no_sandbox, sandbox_called

WRITE = call("shell_exec_safe", command="echo x >> ran")
READ = call("shell_exec_safe", command="echo x >> ran # auto")


def held() -> ShellExecSafe:
    return ShellExecSafe(judge, find=sandbox_called("landlock"))


def bare() -> ShellExecSafe:
    return ShellExecSafe(judge, find=no_sandbox)


async def asked(stage: Stage, number: int = 1) -> ToolCall:
    return (await stage.run(number, RunStatus.WAITING)).steps[0].calls[0]


async def verbs(stage: Stage, number: int) -> list[str]:
    return [button.verb for button in (await stage.store_card(number)).buttons]


@pytest.mark.promise(15)
@pytest.mark.needs("landlock")
async def test_always_for_a_held_command_does_not_let_it_run_bare(tmp_path: Path) -> None:
    async with open_stage(tmp_path, tools=[held()]) as stage, at_work(stage):
        stage.says = plans(directive(WRITE))
        await stage.says_to_mallard("run it")
        await asked(stage)
        assert "always" in await verbs(stage, 1)
        await stage.says_to_mallard("always 1", by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        assert len(await stage.store.list_grants()) == 1

    async with open_stage(tmp_path, tools=[bare()]) as stage, at_work(stage):
        stage.says = plans(directive(WRITE))
        await stage.says_to_mallard("run it once more", id="m11")
        assert (await asked(stage, 2)).state is CallState.AWAITING_APPROVAL
        assert (stage.folder / "ran").read_text() == "x\n"
        assert "always" not in await verbs(stage, 2)
        await stage.says_to_mallard("always 2", by=BOB)
        assert len(await stage.store.list_grants()) == 1
        await stage.press("approve", 2)
        await stage.run(2, RunStatus.COMPLETED)
        assert (stage.folder / "ran").read_text() == "x\nx\n"


@pytest.mark.promise(7)
@pytest.mark.parametrize("what", [WRITE, READ], ids=["writes", "reads"])
async def test_no_rule_lets_a_command_run_bare(tmp_path: Path, what: dict[str, object]) -> None:
    rules = (Rule(then=Then.RUN, tools=("shell_exec_safe",)),)
    async with open_stage(tmp_path, tools=[bare()], rules=rules) as stage, at_work(stage):
        stage.says = plans(directive(what))
        await stage.says_to_mallard("run it")
        await asked(stage)
        assert not (stage.folder / "ran").exists()


@pytest.mark.promise(7)
@pytest.mark.needs("landlock")
async def test_a_retry_is_asked_again_where_the_sandbox_is_gone(tmp_path: Path) -> None:
    slow = call("shell_exec_safe", command="echo x >> ran; sleep 600")
    async with open_stage(tmp_path, tools=[held()]) as stage:
        async with at_work(stage):
            stage.says = plans(directive(slow))
            await stage.says_to_mallard("run it")
            await asked(stage)
            await stage.press("approve")
            await stage.until((stage.folder / "ran").exists)
            await stage.until(lambda: (stage.folder / "ran").read_text())
            stage.worker._grace = stage.worker._grace * 0
        assert stage.store.find_approval(ApprovalId(2)) is not None

    async with open_stage(tmp_path, tools=[bare()]) as stage, at_work(stage):
        stage.says = plans(directive(slow))
        await stage.press("retry", 2)
        await stage.until(lambda: stage.store.find_approval(ApprovalId(3)))
        card = await stage.store_card(3)
        assert "There is no sandbox here" in card.why_asked
        assert (stage.folder / "ran").read_text() == "x\n"


@pytest.mark.needs("landlock")
async def test_a_card_that_is_asked_anew_says_how_it_is_now_and_its_yes_is_enough(tmp_path: Path) -> None:
    """Let through unasked behind another call; then a rule asks, and the sandbox is gone."""
    first = call("shell_exec_safe", command="echo first")
    async with open_stage(tmp_path, tools=[held()]) as stage, at_work(stage):
        stage.says = plans(directive(first, READ))
        await stage.says_to_mallard("run it")
        assert (await asked(stage)).state is CallState.AWAITING_APPROVAL

    rules = (Rule(then=Then.ASK_REQUESTER, tools=("shell_exec_safe",)),)
    async with open_stage(tmp_path, tools=[bare()], rules=rules) as stage, at_work(stage):
        stage.says = plans(directive(first, READ))
        await stage.press("approve", 1)
        await stage.until(lambda: stage.store.find_approval(ApprovalId(2)))
        assert "(landlock)" not in (await stage.store_card(2)).why_asked
        await stage.press("approve", 2)
        await stage.until(lambda: stage.store.find_approval(ApprovalId(3)))
        card = await stage.store_card(3)
        assert (card.risk, card.preview) == (Risk.MEDIUM, "")
        assert "There is no sandbox here" in card.why_asked
        assert "always" not in await verbs(stage, 3)
        await stage.press("approve", 3, by=ALICE)
        await stage.run(1, RunStatus.COMPLETED)
        assert (stage.folder / "ran").read_text() == "x\n"
        assert card.requirement is Requirement.REQUESTER
