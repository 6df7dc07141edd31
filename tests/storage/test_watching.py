"""What somebody who waits for a conversation is told: whether it is worked on, and what is owed."""

from storage.watching import find_owed, is_worked, list_owed
from tests.storage.desk import Desk, asks, thread

HERE = thread(1)


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
