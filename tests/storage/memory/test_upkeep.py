"""What nobody asks for and has to be done all the same."""

from runtime.memory.upkeep import look_after
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.shelf import Shelf


async def test_what_expired_goes_and_a_forgetting_that_was_cut_short_is_finished(shelf: Shelf) -> None:
    await shelf.remember("The quokka is in", expires_at=shelf.now.replace(hour=12))
    await shelf.remember("Lunch is at noon")
    shelf.clock.pass_(hours=7)

    await look_after(shelf.store, shelf.clock)

    assert await shelf.texts(retired=True) == ["Lunch is at noon"]
    await shelf.store.database.write(lambda tx: tx.execute("INSERT INTO scouring_owed VALUES (1, 0)"))
    await look_after(shelf.store, shelf.clock)
    assert find_leftovers(shelf.store.database.path.parent, "quokka") == []


async def test_while_nothing_is_to_be_done_nothing_is_written(shelf: Shelf) -> None:
    await shelf.remember("Lunch is at noon")
    before = shelf.store.database.commits

    await look_after(shelf.store, shelf.clock)

    assert shelf.store.database.commits == before
