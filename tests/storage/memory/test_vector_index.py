"""Where a place has too many vectors to hold, an index finds the same; it is never more than a copy."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from runtime.memory.records import MemoryId, MemoryType, Place
from storage.nearness import Nearness, standing_of
from tests.storage.desk import ALICE
from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.shelf import HERS, HIS, Shelf

HELD = 50

pytestmark = pytest.mark.needs("usearch")


class Crowded:
    """A shelf with more vectors in one place than may be held in memory."""

    def __init__(self, shelf: Shelf, place: Place = HERS) -> None:
        self.shelf, self.place = shelf, place
        self.nearness = Nearness(shelf.store.database, held=HELD)

    async def fill(self, count: int = 4 * HELD) -> list[MemoryId]:
        return [await self.shelf.remember(f"note about subject{number}", self.place) for number in range(count)]

    async def nearest(self, text: str, *, types: frozenset[MemoryType] | None = None) -> list[MemoryId]:
        places = standing_of(self.shelf.store.database, [self.place])
        hits = await self.nearness.find_nearest(BagOfWords().vector_of(text), places, types=types, most=3)
        return [hit.id for hit in hits or ()]

    async def settle(self) -> None:
        """Let an index that is being made be finished."""
        await self.nearness._chores.finish(60)

    @property
    def files(self) -> list[Path]:
        path = self.shelf.store.database.path
        return sorted(path.with_name(path.name + "-vectors").glob("*"))


@pytest.fixture
async def crowded(shelf: Shelf) -> AsyncIterator[Crowded]:
    crowded = Crowded(shelf)
    yield crowded
    await crowded.nearness.close()


async def test_the_nearest_are_found_before_and_after_there_is_an_index(crowded: Crowded) -> None:
    ids = await crowded.fill()
    assert (await crowded.nearest("subject77"))[0] == ids[77]
    await crowded.settle()
    assert len(crowded.files) == 1

    assert (await crowded.nearest("subject77"))[0] == ids[77]
    assert (await crowded.nearest("subject123"))[0] == ids[123]


async def test_what_came_since_an_index_was_made_is_found_and_gets_into_the_next_one(crowded: Crowded) -> None:
    await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()
    before = crowded.files
    ids = [await crowded.shelf.remember(f"late{number} things") for number in range(HELD)]

    assert (await crowded.nearest("late7"))[0] == ids[7]
    await crowded.settle()

    assert len(crowded.files) == 1
    assert crowded.files != before
    assert (await crowded.nearest("late7"))[0] == ids[7]


async def test_what_was_forgotten_is_in_no_index_and_the_next_one_is_made_without_it(crowded: Crowded) -> None:
    ids = await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()

    await crowded.shelf.store.forget([ids[77]], crowded.shelf.now, by=ALICE)

    assert crowded.files == []
    assert ids[77] not in await crowded.nearest("subject77")
    await crowded.settle()
    assert len(crowded.files) == 1
    assert ids[77] not in await crowded.nearest("subject77")


async def test_an_index_from_before_something_went_is_never_asked(crowded: Crowded) -> None:
    ids = await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()
    (stale,) = crowded.files
    content = stale.read_bytes()
    await crowded.shelf.store.forget([ids[77]], crowded.shelf.now, by=ALICE)
    stale.write_bytes(content)  # another process had not finished it before

    assert ids[77] not in await crowded.nearest("subject77")

    assert stale not in crowded.files


async def test_an_index_that_was_made_while_something_went_is_not_kept(crowded: Crowded) -> None:
    ids = await crowded.fill()
    with closing(sqlite3.connect(crowded.shelf.store.database.path, isolation_level=None)) as another:
        await crowded.nearest("anything")  # begins to make one, whose chore has its turn once this awaits
        another.execute("DELETE FROM memories WHERE id = ?", (ids[77],))
    await crowded.settle()

    assert crowded.files == []


async def test_an_index_knows_the_vectors_of_its_place_alone(crowded: Crowded) -> None:
    his = await crowded.shelf.remember("note about subject77", HIS)
    await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()

    assert his not in await crowded.nearest("note about subject77")


async def test_of_an_index_too_only_the_types_that_are_asked_for_are_found(crowded: Crowded) -> None:
    lesson = await crowded.shelf.remember("a lesson about subject77", type=MemoryType.LESSON)
    await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()

    assert await crowded.nearest("lesson subject77", types=frozenset({MemoryType.LESSON})) == [lesson]


async def test_what_an_index_is_called_tells_nobody_whose_it_is(crowded: Crowded) -> None:
    await crowded.fill()
    await crowded.nearest("anything")
    await crowded.settle()

    assert "UALICE" not in crowded.files[0].name
    assert crowded.files[0].parent.stat().st_mode & 0o077 == 0


def test_an_index_and_the_local_model_live_in_one_process() -> None:
    """Two libraries of machine code that know nothing of each other: which of them is loaded first is chance."""
    loading = "import usearch.index, onnxruntime; print('both')"
    silent = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    loaded = subprocess.run([sys.executable, "-c", loading], env=silent, capture_output=True, text=True, check=False)
    assert (loaded.returncode, loaded.stdout) == (0, "both\n"), loaded.stderr
