"""What a call came back with, while it cannot be written: kept by the worker that ran it, for as long as the run is its own."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.errors import ModelUnavailable
from runtime.facts import EventType
from runtime.records import Observation, Risk, Run
from runtime.signals import Signal
from runtime.states import CallState, RunStatus
from runtime.worker import PAUSES
from storage.events import verify_chain
from storage.leases import take_back
from storage.transaction import Transaction
from tests.fakes.scripted import call, directive, plans
from tests.runtime.bell import Bell
from tests.runtime.failing import Failing, Refusing, fail
from tests.runtime.stage import Stage, at_work, open_stage
from tests.runtime.troubled_bells import AuditedBell, CrackedBell, HangingBell, LockingBell, locked_by

LONGER_THAN_A_LEASE = timedelta(hours=1)


async def rings_once_approved(stage: Stage) -> None:
    await stage.store.database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 20").fetchone())
    stage.says = plans(directive(call("bell")))
    await stage.says_to_mallard("ring it")
    await stage.run(1, RunStatus.WAITING)
    await stage.press("approve")


async def is_given_back_in_vain(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """The worker has stopped carrying the run, and by now nobody could write that, nor anything else, several times."""
    await stage.until(lambda: "run 1 stops here for now" in caplog.text)
    failed = caplog.text.count("could not be committed")
    await stage.until(lambda: caplog.text.count("could not be committed") > failed + 3)


async def rests_after_its_next_worker(stage: Stage) -> Run:
    await stage.until(lambda: stage.run_now().attempts)
    stage.clock.at += PAUSES[0]
    stage.signals.wake((Signal.QUEUED,))
    run: Run = await stage.run(1)
    return run


@pytest.mark.promise(32)
@pytest.mark.promise(35)
@pytest.mark.parametrize("is_audited", [False, True], ids=["alone", "with-its-audit"])
async def test_what_a_call_came_back_with_while_the_database_was_locked_is_written_once_it_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_audited: bool
) -> None:
    bell = LockingBell(Risk.HIGH, is_audited=is_audited)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        with locked_by(bell, stage) as lock:
            await rings_once_approved(stage)
            await is_given_back_in_vain(stage, caplog)
            lock.release()
            stage.clock.at += LONGER_THAN_A_LEASE
            run = await rests_after_its_next_worker(stage)

        (rung,) = run.steps[0].calls
        assert (run.status, rung.state, rung.attempt) == (RunStatus.COMPLETED, CallState.OBSERVED, 1)
        assert rung.observation == Observation(ok=True, text="ding")
        assert bell.rang == 1
        assert len(stage.events_of(1, EventType.COMMAND_AUDIT)) == is_audited
        assert len(stage.events_of(1, EventType.TOOL_CALL_FINISHED)) == 1
        assert list(verify_chain(stage.store.database.reader)) == []


@pytest.mark.promise(35)
@pytest.mark.promise(37)
async def test_what_was_run_is_in_the_trail_once_though_its_observation_was_refused_at_first(tmp_path: Path) -> None:
    bell = AuditedBell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell], writing_with=Refusing) as stage, at_work(stage):
        stage.says = plans(directive(call("bell")))
        Refusing.times = 1
        await stage.says_to_mallard("ring it")
        run = await rests_after_its_next_worker(stage)

        assert (run.status, run.steps[0].calls[0].state) == (RunStatus.COMPLETED, CallState.OBSERVED)
        assert len(stage.events_of(1, EventType.COMMAND_AUDIT)) == 1
    assert bell.rang == 1


@pytest.mark.promise(32)
@pytest.mark.promise(34)
async def test_what_a_call_came_back_with_is_not_written_once_the_run_has_another_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bell = LockingBell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        with locked_by(bell, stage) as lock:
            await rings_once_approved(stage)
            await is_given_back_in_vain(stage, caplog)
            transaction = Transaction(lock.connection)
            take_back(transaction, stage.clock.at + LONGER_THAN_A_LEASE, dead=frozenset(), max_attempts=5)
            transaction.trails.write()
            lock.release()
            run = await rests_after_its_next_worker(stage)

        (rung,) = run.steps[0].calls
        assert (run.status, rung.state, rung.observation) == (RunStatus.WAITING, CallState.OUTCOME_UNKNOWN, None)
        assert bell.rang == 1


@pytest.mark.promise(33)
@pytest.mark.promise(35)
async def test_a_graceful_stop_waits_no_longer_than_its_grace_for_a_database_that_stays_locked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bell = LockingBell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[bell], grace=timedelta(milliseconds=50)) as stage:
        with locked_by(bell, stage) as lock:
            async with asyncio.timeout(10), at_work(stage):
                await rings_once_approved(stage)
                await is_given_back_in_vain(stage, caplog)
            lock.release()

    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        run = await stage.run(1)
        assert (run.status, run.steps[0].calls[0].state) == (RunStatus.WAITING, CallState.OUTCOME_UNKNOWN)
    assert bell.rang == 1


@pytest.mark.promise(33)
@pytest.mark.promise(35)
async def test_a_graceful_stop_writes_what_a_call_came_back_with_where_the_database_is_free_in_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bell = LockingBell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[bell], grace=timedelta(hours=1)) as stage:
        with locked_by(bell, stage) as lock:
            async with at_work(stage):
                await rings_once_approved(stage)
                await is_given_back_in_vain(stage, caplog)
                stage.worker.stop()
                await asyncio.sleep(0)
                lock.release()

        (rung,) = stage.run_now().steps[0].calls
        assert (stage.run_now().status, rung.state) == (RunStatus.QUEUED, CallState.OBSERVED)


@pytest.mark.promise(33)
@pytest.mark.promise(35)
async def test_a_stop_in_the_middle_of_a_thought_still_tells_what_a_call_came_back_with(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell], writing_with=Failing) as stage:
        async with at_work(stage):
            thinking = asyncio.Event()
            stage.says = plans(directive(call("bell")))
            fail(after="UPDATE call_states SET state = 'observed'")
            await stage.says_to_mallard("ring it")
            await stage.model.until_called(1)
            stage.model.hold(thinking)
            await stage.until(lambda: not Failing.times)
        (rung,) = stage.run_now().steps[0].calls
        assert (stage.run_now().status, rung.state) == (RunStatus.QUEUED, CallState.OBSERVED)
    assert bell.rang == 1


@pytest.mark.promise(35)
@pytest.mark.promise(36)
async def test_a_model_that_is_away_takes_nothing_of_what_a_call_came_back_with(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    rings, thinking = plans(directive(call("bell"))), asyncio.Event()
    async with open_stage(tmp_path, tools=[bell], writing_with=Failing) as stage, at_work(stage):
        stage.says = lambda request: ModelUnavailable("away") if bell.rang else rings(request)
        fail(after="UPDATE call_states SET state = 'observed'")
        await stage.says_to_mallard("ring it")
        await stage.model.until_called(1)
        stage.model.hold(thinking)
        await stage.until(lambda: not Failing.times)
        thinking.set()
        await stage.until(lambda: stage.run_now().model_away_since)

        (rung,) = stage.run_now().steps[0].calls
        assert (stage.run_now().status, rung.state) == (RunStatus.QUEUED, CallState.OBSERVED)
    assert bell.rang == 1


@pytest.mark.promise(33)
async def test_a_stop_that_cuts_a_call_off_does_not_wait_for_a_locked_database_to_tell_of_the_one_before(
    tmp_path: Path,
) -> None:
    bell = HangingBell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell], grace=timedelta(milliseconds=50)) as stage:
        await stage.store.database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 20").fetchone())
        with locked_by(bell, stage) as lock:
            async with asyncio.timeout(10), at_work(stage):
                stage.says = plans(directive(call("bell"), call("bell")))
                await stage.says_to_mallard("ring it twice")
                await stage.until(lambda: lock.connection.in_transaction)
            lock.release()

    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        run = await stage.run(1)
        assert [rung.state for rung in run.steps[0].calls] == [CallState.OBSERVED, CallState.OUTCOME_UNKNOWN]
    assert bell.rang == 2


@pytest.mark.promise(32)
async def test_what_a_call_came_back_with_is_asked_about_where_nothing_could_ever_keep_it(tmp_path: Path) -> None:
    bell = CrackedBell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        stage.says = plans(directive(call("bell")))
        await stage.says_to_mallard("ring it")

        run = await rests_after_its_next_worker(stage)
        assert (run.status, run.steps[0].calls[0].state) == (RunStatus.WAITING, CallState.OUTCOME_UNKNOWN)
    assert bell.rang == 1
