"""What nobody asks for and has to be done all the same."""

from runtime.memory.upkeep import look_after
from tests.storage.memory.leftovers import find_leftovers
from tests.storage.memory.shelf import Shelf


async def test_what_expired_is_in_no_file_any_more(shelf: Shelf) -> None:
    await shelf.remember("The quokka is in", expires_at=shelf.now.replace(hour=12))
    await shelf.remember("Lunch is at noon")
    shelf.clock.pass_(hours=7)

    await look_after(shelf.store, shelf.clock)

    assert await shelf.texts(retired=True) == ["Lunch is at noon"]
    assert find_leftovers(shelf.store.database.path.parent, "quokka") == [], "at once, not an hour later"


async def test_a_scouring_that_is_owed_is_done(shelf: Shelf) -> None:
    memory_id = await shelf.remember("The quokka is in")
    await shelf.store.database.write(lambda tx: tx.execute("DELETE FROM memories WHERE id = ?", (memory_id,)))
    await shelf.store.database.write(lambda tx: tx.execute("INSERT INTO scouring_owed VALUES (1, 0)"))

    await look_after(shelf.store, shelf.clock)

    assert find_leftovers(shelf.store.database.path.parent, "quokka") == []


async def test_while_nothing_is_to_be_done_nothing_is_written(shelf: Shelf) -> None:
    await shelf.remember("Lunch is at noon")
    before = shelf.store.database.commits

    await look_after(shelf.store, shelf.clock)

    assert shelf.store.database.commits == before
