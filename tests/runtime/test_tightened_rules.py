"""What was allowed when it was planned, and is not by the time that it would run: it is asked, or it is not run."""

from pathlib import Path

import pytest

from runtime.policy import Roles
from runtime.records import GrantId, Requirement, Risk, Run
from runtime.rules import Rule, Then
from runtime.states import CallState, RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.bell import Bell
from tests.runtime.stage import ALICE, BOB, Stage, at_work, open_stage

BELL, FIRST = call("bell"), call("gate")


class Gate(Bell):
    name = "gate"


async def suspended_before_a_bell(folder: Path, bell: Bell) -> None:
    """A run that waits at the gate; that the bell behind it may ring asks nobody."""
    async with open_stage(folder, tools=[Gate(Risk.HIGH), bell]) as stage, at_work(stage):
        stage.says = plans(directive(FIRST, BELL))
        await stage.says_to_mallard("ring it")
        run = await stage.run(1, RunStatus.WAITING)
        assert [each.state for each in run.steps[0].calls] == [CallState.AWAITING_APPROVAL, CallState.READY]


async def goes_on(stage: Stage) -> Run:
    stage.says = plans(directive(FIRST, BELL))
    await stage.press("approve", 1)
    return await stage.run(1)


@pytest.mark.promise(7)
async def test_a_rule_that_asks_by_now_asks_before_the_call_runs(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    await suspended_before_a_bell(tmp_path, bell)

    rules = (Rule(then=Then.ASK_APPROVERS, tools=("bell",)),)
    async with open_stage(tmp_path, tools=[Gate(Risk.HIGH), bell], rules=rules) as stage, at_work(stage):
        assert (await goes_on(stage)).status is RunStatus.WAITING
        assert bell.rang == 0
        approval = stage.store.find_approval(2)  # type: ignore[arg-type]  # a number is what tests count by
        assert approval is not None
        assert approval.requirement is Requirement.APPROVERS
        assert "Only an approver can decide" in await stage.press("approve", 2, by=ALICE)
        await stage.press("approve", 2)
        await stage.run(1, RunStatus.COMPLETED)
        assert bell.rang == 1


@pytest.mark.promise(7)
@pytest.mark.parametrize("then", [Then.DENY, Then.ASK_OTHER_APPROVER])
async def test_what_is_forbidden_by_now_or_nobody_could_answer_does_not_run(tmp_path: Path, then: Then) -> None:
    bell = Bell(Risk.LOW)
    alone = Roles(users=frozenset({ALICE}), approvers=frozenset({BOB}))
    async with open_stage(tmp_path, tools=[Gate(Risk.HIGH), bell], roles=alone) as stage, at_work(stage):
        stage.says = plans(directive(FIRST, BELL))
        await stage.says_to_mallard("ring it", by=BOB)
        await stage.run(1, RunStatus.WAITING)

    rules = (Rule(then=then, tools=("bell",), why="Not by night."),)
    async with open_stage(tmp_path, tools=[Gate(Risk.HIGH), bell], roles=alone, rules=rules) as stage, at_work(stage):
        run = await goes_on(stage)
        assert run.status is RunStatus.COMPLETED
        assert bell.rang == 0
        observation = run.steps[0].calls[1].observation
        assert observation is not None
        assert observation.error == "not_approved"
        assert ("Not by night." in observation.text) is (then is Then.DENY)


@pytest.mark.promise(7)
async def test_a_yes_that_is_not_enough_any_more_is_asked_of_whoever_has_to_say_it_now(tmp_path: Path) -> None:
    bell = Bell(Risk.MEDIUM)
    async with open_stage(tmp_path, tools=[bell]) as stage:
        async with at_work(stage):
            stage.says = plans(directive(BELL))
            await stage.says_to_mallard("ring it")
            await stage.run(1, RunStatus.WAITING)
        assert "Approved" in await stage.press("approve", 1, by=ALICE)  # nobody is at work: it does not run yet

    rules = (Rule(then=Then.ASK_APPROVERS),)
    async with open_stage(tmp_path, tools=[bell], rules=rules) as stage, at_work(stage):
        stage.says = plans(directive(BELL))
        await stage.until(lambda: stage.store.find_approval(2))  # type: ignore[arg-type]  # as above
        assert bell.rang == 0
        await stage.press("approve", 2, by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        assert bell.rang == 1


@pytest.mark.promise(7)
async def test_a_yes_of_somebody_who_could_say_the_stricter_one_is_enough(tmp_path: Path) -> None:
    bell = Bell(Risk.MEDIUM)
    async with open_stage(tmp_path, tools=[bell]) as stage:
        async with at_work(stage):
            stage.says = plans(directive(BELL))
            await stage.says_to_mallard("ring it")
            await stage.run(1, RunStatus.WAITING)
        await stage.press("approve", 1, by=BOB)

    async with open_stage(tmp_path, tools=[bell], rules=(Rule(then=Then.ASK_OTHER_APPROVER),)) as stage, at_work(stage):
        stage.says = plans(directive(BELL))
        await stage.run(1, RunStatus.COMPLETED)
        assert bell.rang == 1


@pytest.mark.promise(15)
async def test_a_call_that_a_grant_let_through_asks_where_the_grant_is_gone(tmp_path: Path) -> None:
    gate, bell = Gate(Risk.CRITICAL), Bell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[gate, bell]) as stage, at_work(stage):
        stage.says = plans(directive(BELL))
        await stage.says_to_mallard("ring it")
        await stage.run(1, RunStatus.WAITING)
        await stage.says_to_mallard("always 1 once", by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        stage.says = plans(directive(FIRST, BELL))
        await stage.says_to_mallard("ring it again")
        await stage.run(2, RunStatus.WAITING)
        (used,) = await stage.store.list_grants()
        assert (used.uses, used.most_uses) == (1, 1)  # it is held for the bell behind the gate
        await stage.store.revoke_grant(GrantId(1), stage.clock.now(), by=BOB)

        await stage.press("approve", 2)

        await stage.until(lambda: stage.store.find_approval(3))  # type: ignore[arg-type]  # as above
        assert bell.rang == 1


@pytest.mark.promise(15)
async def test_the_last_use_is_held_for_the_call_that_it_was_counted_for(tmp_path: Path) -> None:
    gate, bell = Gate(Risk.CRITICAL), Bell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[gate, bell]) as stage, at_work(stage):
        stage.says = plans(directive(BELL))
        await stage.says_to_mallard("ring it")
        await stage.run(1, RunStatus.WAITING)
        await stage.says_to_mallard("always 1 once", by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        stage.says = plans(directive(FIRST, BELL))
        await stage.says_to_mallard("ring it again")
        await stage.run(2, RunStatus.WAITING)

        await stage.press("approve", 2)

        await stage.run(2, RunStatus.COMPLETED)
        assert bell.rang == 2
