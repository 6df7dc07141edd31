"""Two real processes on one database: each speaks on its own platform, both work, and nothing is done or decided twice."""

import asyncio
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.events import verify_chain
from tests.crashes.household import ANSWER
from tests.crashes.twin import TWINS
from tests.crashes.wall import read_wall

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Twin:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    async def does(self, command: str) -> str:
        """Tell it, and hear what it says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._turn:
            self._process.stdin.write(f"{command}\n".encode())
            return (await self._process.stdout.readline()).decode().strip()

    async def stops(self) -> int:
        """Ask it to end gracefully; returns its exit status."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"stop\n")
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()


@asynccontextmanager
async def twin(folder: Path, name: str) -> AsyncIterator[Twin]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crashes.twin", str(folder), name, cwd=ROOT, stdin=PIPE, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert (await process.stdout.readline()) == b"here\n"
        yield Twin(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def until(look: Callable[[], bool]) -> None:
    """Until it is so in a file: files tell nobody."""
    async with asyncio.timeout(PATIENCE):
        while not look():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def open_cards(folder: Path) -> list[str]:
    """The tokens of Approve on all cards that stand open, on both walls."""
    standing = [message for name in TWINS for message in read_wall(folder / f"wall-{name}")]
    return [message.buttons["approve"] for message in standing if "approve" in message.buttons]


def answers(folder: Path, name: str) -> int:
    return sum(message.text == ANSWER for message in read_wall(folder / f"wall-{name}"))


def is_trail_whole(folder: Path) -> bool:
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        return list(verify_chain(connection)) == []
    finally:
        connection.close()


@pytest.mark.promise(34)
async def test_no_run_is_worked_twice_no_decision_is_lost_and_each_speaks_for_itself(tmp_path: Path) -> None:
    each = 10
    async with twin(tmp_path, TWINS[0]) as one, twin(tmp_path, TWINS[1]) as other:
        for number in range(each):
            heard = await asyncio.gather(one.does(f"ask {number}"), other.does(f"ask {number}"))
            assert set(heard) == {"heard"}
        await until(lambda: len(open_cards(tmp_path)) == 2 * each)
        outcomes = Counter[tuple[str, ...]]()
        for token in open_cards(tmp_path):
            both = await asyncio.gather(one.does(f"click {token}"), other.does(f"click {token}"))
            outcomes[tuple(sorted(both))] += 1
        await until(lambda: all(answers(tmp_path, name) == each for name in TWINS) and not open_cards(tmp_path))
        assert [await one.stops(), await other.stops()] == [0, 0]

    assert outcomes == {("already_decided", "decided"): 2 * each}
    done = Counter((tmp_path / "outside").read_text().splitlines())
    assert len(done) == 2 * each
    assert set(done.values()) == {1}
    assert rows(tmp_path, "SELECT status, count(*) FROM runs GROUP BY 1") == [("completed", 2 * each)]
    assert rows(tmp_path, "SELECT count(*) FROM events WHERE type = 'approval_decided'") == [(2 * each,)]
    assert rows(tmp_path, "SELECT status, count(*) FROM deliveries WHERE status <> 'superseded' GROUP BY 1") == [
        ("sent", 6 * each)
    ]
    assert is_trail_whole(tmp_path)
    for name in TWINS:
        assert len(read_wall(tmp_path / f"wall-{name}")) == 2 * each, "a card and an answer for each, on its own wall"


@pytest.mark.promise(33)
@pytest.mark.promise(34)
async def test_when_one_stops_the_other_decides_and_works_and_what_is_owed_waits_for_its_owner(tmp_path: Path) -> None:
    async with twin(tmp_path, TWINS[1]) as other:
        async with twin(tmp_path, TWINS[0]) as one:
            for number in range(4):
                await one.does(f"ask {number}")
            await until(lambda: len(open_cards(tmp_path)) == 4)
            assert await one.stops() == 0

        cards = open_cards(tmp_path)
        assert [await other.does(f"click {token}") for token in cards] == ["decided"] * 4
        await until(lambda: rows(tmp_path, "SELECT count(*) FROM runs WHERE status = 'completed'") == [(4,)])
        assert open_cards(tmp_path) == cards, "nobody but its owner speaks on a wall"
        assert answers(tmp_path, TWINS[0]) == 0

        async with twin(tmp_path, TWINS[0]) as one:
            await until(lambda: answers(tmp_path, TWINS[0]) == 4 and not open_cards(tmp_path))
            assert await one.stops() == 0
        assert await other.stops() == 0

    assert len((tmp_path / "outside").read_text().splitlines()) == 4
    assert is_trail_whole(tmp_path)
