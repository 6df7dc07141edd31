"""The sign of life of a worker process."""

import threading
from pathlib import Path

import pytest

from runtime.states import RunStatus
from storage.liveness import WorkerLock, are_others_alive, find_dead_locks, forget_locks
from tests.storage.desk import EVERYWHERE, READY, asks, open_desk


def test_a_worker_lives_while_it_holds_its_lock_and_is_dead_without(tmp_path: Path) -> None:
    held = WorkerLock(tmp_path, 1)
    (tmp_path / "worker-2").touch()
    (tmp_path / "worker-x").touch()
    (tmp_path / "worker-3").touch()

    assert find_dead_locks(tmp_path, but=3) == {2}
    assert are_others_alive(tmp_path, but=3)
    assert not are_others_alive(tmp_path, but=1)

    forget_locks(tmp_path, frozenset({2}))
    assert find_dead_locks(tmp_path, but=3) == frozenset()
    held.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["worker-3", "worker-x"]


def test_where_no_worker_ever_was_none_is_dead(tmp_path: Path) -> None:
    assert find_dead_locks(tmp_path / "nowhere", but=1) == frozenset()
    assert not are_others_alive(tmp_path / "nowhere", but=1)


def test_a_worker_that_is_just_starting_never_looks_dead(tmp_path: Path) -> None:
    seen: set[int] = set()
    started = threading.Event()

    def watch() -> None:
        while not started.is_set():
            seen.update(find_dead_locks(tmp_path, but=0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    locks = [WorkerLock(tmp_path, number) for number in range(1, 500)]
    started.set()
    watcher.join()
    for lock in locks:
        lock.close()

    assert seen == set()


@pytest.mark.promise(33)
async def test_a_process_that_leaves_with_its_hands_full_leaves_all_of_it_free(path: Path) -> None:
    async with open_desk(path) as desk:
        claimed = await desk.start(READY, asks())
        (card,) = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1)

    async with open_desk(path) as desk:
        assert desk.run(claimed.run).status is RunStatus.QUEUED
        (again,) = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1)
        assert (again.id, again.tried_before) == (card.id, True)
