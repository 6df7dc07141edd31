"""The worker: what it carries it carries to the end, and what it cannot carry it gives back."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.models.port import Role
from runtime.signals import Signal
from runtime.states import RunStatus
from storage.encoding import moment
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import NOON, POND, Stage, at_work, open_stage
from tests.storage.strain import held_by_another


class Gate:
    """Holds up whoever comes, until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self, *about: object) -> None:
        self.reached.set()
        await self.opened.wait()


async def test_an_answer_that_is_being_made_exact_is_not_cut_off_by_the_heartbeat(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        gate = stage.wall.hooks["finish_answer"] = Gate()
        await stage.says_to_mallard("hello")
        await gate.reached.wait()

        await stage.until(lambda: stage.store.database.commits > 8)
        await asyncio.sleep(0.1)  # several heartbeats
        gate.opened.set()

        await stage.until(stage.is_delivered)
        assert stage.deliveries() == [("answer", "sent", "full")]


async def test_a_run_that_is_resumed_while_its_presence_closes_keeps_its_lease_and_its_stop_button(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command="touch begun; sleep 30")))
        closing = stage.wall.hooks["close"] = Gate()
        await stage.says_to_mallard("run it")
        await closing.reached.wait()
        await stage.run(1, RunStatus.WAITING)

        await stage.press("approve")
        await stage.until((stage.folder / "begun").exists)
        closing.opened.set()
        await asyncio.sleep(0.05)
        await stage.says_to_mallard("stop")

        assert (await stage.run(1, RunStatus.CANCELLED)).attempts == 0


@pytest.mark.promise(29)
async def test_a_stop_that_comes_while_the_answer_is_being_made_exact_leaves_the_answer_whole(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        gate = stage.wall.hooks["finish_answer"] = Gate()
        thinking = asyncio.Event()
        stage.model.hold(thinking)
        await stage.says_to_mallard("hello")
        await stage.model.until_called(1)
        (charge, _) = next(iter(stage.worker._carried.values()))
        thinking.set()
        await gate.reached.wait()

        charge.stop.press()
        await asyncio.sleep(0)
        gate.opened.set()

        await stage.until(stage.is_delivered)
        assert (await stage.run(1)).status is RunStatus.COMPLETED
        assert stage.wall.texts() == ["Done."]


@pytest.mark.promise(33)
async def test_an_answer_that_a_shutdown_cuts_off_is_left_to_the_courier(tmp_path: Path) -> None:
    async with open_stage(tmp_path, grace=timedelta(0)) as stage:
        async with at_work(stage):
            gate = stage.wall.hooks["finish_answer"] = Gate()
            await stage.says_to_mallard("hello")
            await gate.reached.wait()
        assert stage.deliveries() in ([("answer", "owed", "full")], [("answer", "sent", "full")])


@pytest.mark.promise(33)
@pytest.mark.parametrize(("role", "calls"), [(Role.ACTION, 1), (Role.THINKER, 2)])
async def test_a_shutdown_does_not_wait_for_a_model(tmp_path: Path, role: Role, calls: int) -> None:
    async with open_stage(tmp_path, grace=timedelta(hours=1)) as stage:
        async with asyncio.timeout(5), at_work(stage):
            stage.model.hold(asyncio.Event(), of=[role])
            await stage.says_to_mallard("hello")
            await stage.model.until_called(calls)

        assert (stage.run_now().status, stage.run_now().attempts) == (RunStatus.QUEUED, 0)

    async with open_stage(tmp_path) as stage, at_work(stage):
        await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)
        assert stage.wall.texts() == ["Done."]


@pytest.mark.promise(33)
async def test_a_shutdown_waits_for_a_tool_and_asks_no_model_what_to_do_next(tmp_path: Path) -> None:
    async with open_stage(tmp_path, grace=timedelta(hours=1)) as stage:
        async with at_work(stage):
            stage.says = plans(
                directive(call("shell_exec_safe", command="touch begun; while [ ! -e go ]; do sleep 0.01; done"))
            )
            await stage.says_to_mallard("run it")
            await stage.run(1, RunStatus.WAITING)
            await stage.press("approve")
            await stage.until((stage.folder / "begun").exists)
            stage.worker.stop()
            await asyncio.sleep(0)
            (stage.folder / "go").touch()

        assert stage.run_now().status is RunStatus.QUEUED
        observation = stage.run_now().steps[0].calls[0].observation
        assert observation is not None
        assert observation.ok
        assert len(stage.model.requests) == 1


@pytest.mark.promise(33)
async def test_a_message_that_is_being_accepted_while_the_worker_stops_is_accepted(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(stage.worker.run())
            await asyncio.sleep(0)
            accepting = tasks.create_task(stage.says_to_mallard("hello"))
            await asyncio.sleep(0)
            stage.worker.stop()
            await asyncio.wait({work})
        assert accepting.exception() is None
        assert stage.run_now(1).status in (RunStatus.QUEUED, RunStatus.COMPLETED)


async def test_a_run_that_meets_a_fault_waits_before_it_is_tried_again_and_longer_each_time(tmp_path: Path) -> None:
    tried = []

    async def fault(*about: object) -> None:
        tried.append(stage.clock.at - NOON)
        raise RuntimeError("nobody foresaw this")

    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.wall.hooks["status"] = fault
        await stage.says_to_mallard("hello")
        for attempts in range(1, 5):
            await attempted(stage, attempts)
            assert stage.run_now().status is RunStatus.QUEUED
            stage.clock.at += timedelta(milliseconds=999)
            assert await stage.store.claim(stage.clock.at, platforms=frozenset({"slack"}), limit=1) == []
            stage.clock.at = NOON + turn_of(stage)
            stage.signals.wake((Signal.QUEUED,))

        assert (await stage.run(1)).status is RunStatus.FAILED
        assert [pause.total_seconds() for pause in tried] == [0, 1, 6, 36, 66]


async def attempted(stage: Stage, times: int) -> None:
    await stage.until(lambda: stage.run_now().attempts == times)


def turn_of(stage: Stage) -> timedelta:
    """When the run may be taken again."""
    row = stage.store.database.read_row("SELECT not_before FROM runs")
    assert row is not None
    return moment(row[0]) - NOON


async def test_messages_that_come_at_once_take_no_more_places_than_there_are(tmp_path: Path) -> None:
    async with open_stage(tmp_path, concurrency=2) as stage, at_work(stage):
        thinking = asyncio.Event()
        stage.model.hold(thinking)
        async with asyncio.TaskGroup() as tasks:
            for number in range(6):
                where = replace(POND, thread=f"{number}.0")
                tasks.create_task(stage.says_to_mallard("hello", where=where))
        await stage.model.until_called(2)

        running = [number for number in range(1, 7) if stage.run_now(number).status is RunStatus.RUNNING]
        thinking.set()

        assert len(running) == 2
        for number in range(1, 7):
            await stage.run(number, RunStatus.COMPLETED)


async def a_command_runs_until_told_to_go(stage: Stage) -> None:
    stage.says = plans(
        directive(call("shell_exec_safe", command="touch begun; while [ ! -e go ]; do sleep 0.01; done"))
    )
    await stage.says_to_mallard("run it")
    await stage.run(1, RunStatus.WAITING)
    await stage.press("approve")
    await stage.until((stage.folder / "begun").exists)


async def test_a_machine_that_slept_goes_on_with_its_own_runs(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await a_command_runs_until_told_to_go(stage)

        stage.clock.at += timedelta(hours=1)
        await asyncio.sleep(0.1)  # several heartbeats
        (stage.folder / "go").touch()

        run = await stage.run(1, RunStatus.COMPLETED)
        assert (run.attempts, run.steps[0].calls[0].attempt) == (0, 1)


@pytest.mark.promise(35)
async def test_a_database_that_was_locked_for_longer_than_a_lease_costs_nobody_his_own_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await a_command_runs_until_told_to_go(stage)

        await stage.store.database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 20").fetchone())
        with held_by_another(stage.store.database.path):
            await stage.until(lambda: "_keep_leases will be tried again" in caplog.text)
            stage.clock.at += timedelta(hours=1)
        before = stage.store.database.commits
        await stage.until(lambda: stage.store.database.commits > before + 3)  # it keeps its leases again
        (stage.folder / "go").touch()

        run = await stage.run(1, RunStatus.COMPLETED)
        assert (run.attempts, run.steps[0].calls[0].attempt) == (0, 1)
