"""Between the commit that marks a call as started and its tool: what never began is not told as if it may have run."""

import asyncio
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from runtime.execution import NOT_BEGUN
from runtime.ports import Limits
from runtime.records import Risk
from runtime.signals import Signal
from runtime.states import CallState, RunStatus
from runtime.worker import PAUSES
from tests.fakes.scripted import call, directive, plans
from tests.runtime.bell import Bell
from tests.runtime.stage import Stage, at_work, open_stage


class Held:
    """Holds up whoever says that something is running now."""

    def __init__(self, stage: Stage) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        stage.wall.hooks["status"] = self

    async def __call__(self, text: object) -> None:
        if str(text).startswith("Running"):
            self.reached.set()
            await self.opened.wait()


async def ask(stage: Stage, risk: Risk, *, number: int = 1) -> None:
    stage.says = plans(directive(call("bell")))
    await stage.says_to_mallard("ring it")
    if risk is Risk.HIGH:
        await stage.run(number, RunStatus.WAITING)
        await stage.press("approve", number)


async def finishes_after_a_restart(folder: Path, bell: Bell) -> None:
    """The next process runs it, once, and asks nobody what became of it."""
    async with open_stage(folder, tools=[bell]) as stage, at_work(stage):
        stage.says = plans(directive(call("bell")))
        run = await stage.run(1)
        assert (run.status, run.attempts) == (RunStatus.COMPLETED, 0)
        assert len(stage.events_of(1, "tool_approval_requested")) == (bell.risk is Risk.HIGH)
    assert bell.rang == 1


@pytest.mark.promise(32)
@pytest.mark.promise(33)
@pytest.mark.parametrize("risk", [Risk.LOW, Risk.HIGH])
async def test_a_call_that_a_shutdown_keeps_from_beginning_is_begun_by_the_next_process(
    tmp_path: Path, risk: Risk
) -> None:
    bell = Bell(risk)
    async with open_stage(tmp_path, tools=[bell], grace=timedelta(0)) as stage:
        async with at_work(stage):
            held = Held(stage)
            await ask(stage, risk)
            await held.reached.wait()
            assert stage.run_now().steps[0].calls[0].state is CallState.STARTED
        assert stage.run_now().steps[0].calls[0].state is CallState.READY
    assert bell.rang == 0
    await finishes_after_a_restart(tmp_path, bell)


def held_up_after(words: str, reached: threading.Event, opened: threading.Event) -> type[sqlite3.Connection]:
    """Connections that hold up the commit of a transaction in which these words were said."""

    class HeldUp(sqlite3.Connection):
        said = False

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.said:
                reached.set()
                opened.wait(timeout=10)
            self.said = sql not in ("COMMIT", "ROLLBACK") and (self.said or words in sql)
            return super().execute(sql, parameters)

    return HeldUp


@pytest.mark.promise(32)
@pytest.mark.promise(33)
async def test_a_shutdown_while_the_call_is_being_marked_leaves_it_to_the_next_process_as_well(tmp_path: Path) -> None:
    bell, reached, opened = Bell(Risk.LOW), threading.Event(), threading.Event()
    writing_with = held_up_after("INSERT INTO tool_calls", reached, opened)

    async def open_when_the_worker_lets_go(*about: object) -> None:
        opened.set()

    async with open_stage(tmp_path, tools=[bell], grace=timedelta(0), writing_with=writing_with) as stage:
        async with at_work(stage):
            stage.wall.hooks["close"] = open_when_the_worker_lets_go
            await ask(stage, Risk.LOW)
            await asyncio.to_thread(reached.wait, 10)
        call_ = stage.run_now().steps[0].calls[0]
        assert call_.state is CallState.READY
        assert len(stage.events_of(1, "tool_call_started")) == 1
    assert bell.rang == 0
    await finishes_after_a_restart(tmp_path, bell)


async def test_a_fault_of_ours_before_a_call_began_does_not_make_people_look_for_what_it_did(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        faults = [RuntimeError("a fault of ours")]

        async def fail_once(text: object) -> None:
            if str(text).startswith("Running") and faults:
                raise faults.pop()

        stage.wall.hooks["status"] = fail_once
        await ask(stage, Risk.LOW)
        await stage.until(lambda: stage.run_now(1).attempts)
        stage.clock.at += PAUSES[0]
        stage.signals.wake((Signal.QUEUED,))

        run = await stage.run(1)

        assert (run.status, run.attempts) == (RunStatus.COMPLETED, 1)
        assert bell.rang == 1
        assert stage.events_of(1, "tool_approval_requested") == ()


@pytest.mark.promise(29)
async def test_a_call_that_a_person_stops_before_it_begins_is_told_as_one_that_never_began(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        held = Held(stage)
        await ask(stage, Risk.LOW)
        await held.reached.wait()

        await stage.says_to_mallard("stop")
        (charge, _) = next(iter(stage.worker._carried.values()))
        await stage.until(lambda: charge.stop.pressed)
        held.opened.set()

        run = await stage.run(1, RunStatus.CANCELLED)
        assert run.steps[0].calls[0].observation == NOT_BEGUN
        assert bell.rang == 0


@pytest.mark.parametrize(("risk", "commits"), [(Risk.LOW, 3), (Risk.HIGH, 4)])
async def test_a_run_costs_a_commit_for_each_thing_that_the_world_sees_of_it(
    tmp_path: Path, risk: Risk, commits: int
) -> None:
    """It was accepted; its call is about to run, or its card to be shown; it was decided; it is answered. On a machine that
    is too busy, what lingers may be committed by itself: so the quickest of several runs counts."""
    async with open_stage(tmp_path, tools=[Bell(risk)], heartbeat=timedelta(hours=1)) as stage:
        stage.wall.limits = Limits(text=10_000, pieces=3, streams=False)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.worker.run())
            await asyncio.sleep(0)
            costs = []
            for number in range(1, 11):
                before = stage.store.database.commits
                await ask(stage, risk, number=number)
                await stage.run(number, RunStatus.COMPLETED)
                await stage.store.database.write(
                    lambda transaction: None
                )  # a reader sees a commit before it is counted
                costs.append(stage.store.database.commits - before)
            stage.worker.stop()
    assert min(costs) == commits
