"""Heads: what somebody keeps of the installation's chain elsewhere still stands in it, or the record was rewritten."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.heads import EMPTY, Head, find_newest_head, stands
from storage.reader import one_moment
from storage.trails import GENESIS, link, link_head
from tests.storage.desk import Desk, asks, open_desk, tamper
from tests.storage.test_forgery import breaks_of

pytestmark = pytest.mark.promise(38)


def newest(path: Path) -> Head:
    with closing(sqlite3.connect(path)) as connection:
        return find_newest_head(connection)


def still_stands(path: Path, head: Head) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return stands(connection, head)


async def finish_a_run_that_waited(desk: Desk) -> Head:
    """One run that rested twice; the head after its first rest."""
    await desk.suspend(asks())
    kept = find_newest_head(desk.store.database.reader)
    await desk.settle(1)
    await desk.finish(await desk.claim())
    return kept


def rewrite_first_event(path: Path) -> None:
    """As somebody does it who knows how the chains are made, and changes all of it that came after."""
    tamper(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        body, before = b'{"request":"invented"}', GENESIS
        salt = connection.execute("SELECT salt FROM payloads WHERE seq = 1").fetchone()[0]
        connection.execute("UPDATE payloads SET body = ? WHERE seq = 1", (body,))
        connection.execute("UPDATE events SET payload_hash = ? WHERE seq = 1", (hashlib.sha256(salt + body).digest(),))
        for seq, type_, at, said in connection.execute("SELECT seq, type, at, payload_hash FROM events").fetchall():
            before = link(before, 1, seq, type_, at, said)
            connection.execute("UPDATE events SET hash = ? WHERE seq = ?", (before, seq))
        connection.execute("UPDATE runs SET event_head = ?", (before,))
        first, count = connection.execute(
            "SELECT f.hash, l.count FROM heads f, heads l WHERE f.n = 1 AND l.n = 2"
        ).fetchone()
        last = link_head(first, 2, 1, count, before)
        connection.execute("UPDATE heads SET head = ?, hash = ? WHERE n = 2", (before, last))


async def test_a_trail_that_was_rewritten_behind_an_old_head_is_found(path: Path) -> None:
    async with open_desk(path) as desk:
        kept = await finish_a_run_that_waited(desk)
    assert breaks_of(path) == []

    rewrite_first_event(path)

    assert still_stands(path, kept), "the forger left it as it was"
    assert "the trail is not the one that stood when the run rested" in breaks_of(path)[0].what


async def test_a_head_that_was_kept_stands_however_much_comes_after_it(path: Path) -> None:
    async with open_desk(path) as desk:
        assert newest(path) == EMPTY
        kept = await finish_a_run_that_waited(desk)
        assert (kept.count, newest(path).count) == (1, 2)

    assert still_stands(path, kept)
    assert still_stands(path, newest(path))
    assert still_stands(path, EMPTY)


async def test_an_older_copy_verifies_and_only_the_kept_head_tells(path: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    async with open_desk(path) as desk:
        await desk.suspend(asks())
        await desk.store.database.back_up(older)
        await desk.suspend(asks())
        kept = newest(path)

    assert breaks_of(older) == []
    assert not still_stands(older, kept)


async def test_a_head_of_another_chain_does_not_stand(path: Path) -> None:
    async with open_desk(path) as desk:
        await desk.suspend(asks())
    assert not still_stands(path, Head(1, bytes(32)))
    assert not still_stands(path, Head(0, bytes(31) + b"1"))


@given(count=st.integers(0, 10**18 - 1), of=st.binary(min_size=32, max_size=32))
def test_a_head_can_be_written_down_and_read_again(count: int, of: bytes) -> None:
    assert Head.parse(f" {str(Head(count, of)).upper()}\n") == Head(count, of)


@pytest.mark.parametrize("text", ["", "12", "12:", "12:abcd", f"x:{'0' * 64}", f"12:{'0' * 65}", f"-1:{'0' * 64}"])
def test_anything_else_is_no_head(text: str) -> None:
    assert Head.parse(text) is None


async def test_what_is_read_of_one_moment_does_not_see_what_others_write_meanwhile(path: Path) -> None:
    async with open_desk(path) as desk:
        await desk.suspend(asks())
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            with one_moment(connection):
                before = find_newest_head(connection)
                await desk.suspend(asks())
                assert find_newest_head(connection) == before
            assert find_newest_head(connection).count == before.count + 1
