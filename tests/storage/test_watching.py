"""What somebody who waits for a conversation is told: whether it is worked on, what is owed, whether the model is away."""

from datetime import timedelta

from runtime.facts import Fact, model_call_failed
from runtime.models.port import Role
from storage.watching import find_owed, is_worked, list_away, list_owed
from tests.storage.desk import POND, Desk, asks, thread

HERE = thread(1)


async def put_back(desk: Desk, *facts: Fact) -> None:
    claimed = await desk.start()
    later = desk.now + timedelta(minutes=1)
    await desk.store.release(
        claimed.lease, desk.now, may_have_run=frozenset(), facts=facts, not_before=later, model_away_since=desk.now
    )


async def test_a_run_that_was_put_back_because_its_model_is_away_says_why(desk: Desk) -> None:
    await put_back(desk, model_call_failed(Role.ACTION, "it cannot be reached"))
    reader, now = desk.store.database.reader, desk.now

    away = ((1, "it cannot be reached", now + timedelta(minutes=1)),)
    assert list_away(reader, HERE, now) == away
    assert list_away(reader, HERE, now + timedelta(seconds=30)) == away
    assert list_away(reader, HERE, now + timedelta(minutes=1)) == ()  # it is asked again by then
    assert list_away(reader, POND, now) == ()


async def test_a_run_that_is_worked_on_again_is_not_put_back(desk: Desk) -> None:
    await put_back(desk, model_call_failed(Role.ACTION, "it cannot be reached"))
    since = desk.now
    desk.clock.pass_(minutes=2)
    await desk.claim()

    assert list_away(desk.store.database.reader, HERE, since) == ()


async def test_a_conversation_is_worked_on_until_its_runs_wait_or_ended(desk: Desk) -> None:
    assert not is_worked(desk.store.database.reader, HERE)
    await desk.start()
    assert is_worked(desk.store.database.reader, HERE)


async def test_what_is_owed_names_its_run_until_it_was_sent(desk: Desk) -> None:
    run = await desk.suspend(asks())
    reader = desk.store.database.reader

    assert list_owed(reader, HERE) == ((run.id, desk.now),)
    assert find_owed(reader, 1) == (run.id, desk.now)
    assert not is_worked(reader, HERE)
    await desk.deliver()
    assert list_owed(reader, HERE) == ()
    assert find_owed(reader, 99) is None
