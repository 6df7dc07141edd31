"""The trails of a transaction: written once, before it commits, and never longer than what was kept of its units."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from runtime.errors import NotFound
from runtime.facts import EventType, Fact
from runtime.records import Run
from storage.events import append_at_rest, append_events, erase_payloads
from storage.leases import check_lease
from storage.pruning import prune
from storage.transaction import Transaction, Unit
from tests.storage.desk import Desk, asks

pytestmark = pytest.mark.promise(38)

Deed = Callable[[Transaction], object]


def says(desk: Desk, run: Run, *words: str, then: Deed = lambda tx: None) -> Unit[None]:
    """A unit that tells of a run, and then does something more."""

    def unit(tx: Transaction) -> None:
        for word in words:
            append_events(tx, run.id, desk.now, [Fact(EventType.COGNITION_RESPONSE, {"text": word})])
        then(tx)

    return unit


def fails(tx: Transaction) -> None:
    raise ValueError("no")


def said(desk: Desk, run: Run) -> list[object]:
    events = desk.store.load_events(run.id)
    return [event.body["text"] for event in events if event.body and "text" in event.body]


async def test_what_a_failed_unit_told_is_not_told_and_its_neighbours_are_on_the_same_run(desk: Desk) -> None:
    run, other = (await desk.start()).run, (await desk.start()).run

    results = await asyncio.gather(
        desk.write(says(desk, run, "one", "two")),
        desk.write(says(desk, other, "elsewhere")),
        desk.write(says(desk, run, "never", then=fails)),
        desk.write(says(desk, run, "three")),
        return_exceptions=True,
    )

    assert [type(result) for result in results] == [type(None), type(None), ValueError, type(None)]
    assert said(desk, run) == ["one", "two", "three"]
    assert said(desk, other) == ["elsewhere"]
    assert desk.breaks() == []


@pytest.mark.parametrize("count", [15, 16, 17, 32, 50])
async def test_however_much_is_told_in_one_commit_all_of_it_is_on_record_in_order(desk: Desk, count: int) -> None:
    run, other = (await desk.start()).run, (await desk.start()).run
    words = [str(number) for number in range(count)]

    await asyncio.gather(
        desk.write(says(desk, run, *words)),
        desk.write(says(desk, other, "elsewhere")),
        desk.write(says(desk, run, "last", then=lambda tx: erase_payloads(tx, other.id, [2], desk.now))),
        desk.write(says(desk, other, "elsewhere again")),
    )

    assert said(desk, run) == [*words, "last"]
    assert said(desk, other) == ["elsewhere again"]
    assert desk.breaks() == []


async def test_what_lingered_before_a_failed_unit_is_told(desk: Desk) -> None:
    run = (await desk.start()).run
    await desk.store.database.write(says(desk, run, "one"), barrier=False)

    with pytest.raises(ValueError, match="no"):
        await desk.write(says(desk, run, "never", then=fails))
    await desk.write(says(desk, run, "two"))

    assert said(desk, run) == ["one", "two"]
    assert desk.breaks() == []


@pytest.mark.parametrize(
    "writes",
    [
        lambda desk, run: lambda tx: erase_payloads(tx, run.id, [1], desk.now),
        lambda desk, run: lambda tx: prune(tx, desk.now - timedelta(days=1), desk.now),
    ],
    ids=["forgetting", "pruning"],
)
async def test_what_was_told_before_a_failed_unit_that_needed_it_written_is_told_all_the_same(
    desk: Desk, writes: Callable[[Desk, Run], Deed]
) -> None:
    """Such a unit writes what its neighbours told, and takes that back with its own."""
    run = (await desk.start()).run
    await desk.store.database.write(says(desk, run, "one"), barrier=False)

    def writes_and_fails(tx: Transaction) -> None:
        writes(desk, run)(tx)
        raise ValueError("no")

    await asyncio.gather(
        desk.write(says(desk, run, "two")),
        desk.write(says(desk, run, "never", then=writes_and_fails)),
        desk.write(says(desk, run, "three")),
        return_exceptions=True,
    )

    assert said(desk, run) == ["one", "two", "three"]
    assert desk.breaks() == []


async def test_a_run_is_pruned_with_what_was_told_of_it_in_the_same_transaction(desk: Desk) -> None:
    claimed = await desk.start()
    await desk.finish(claimed)
    await desk.deliver()

    def tells_and_prunes(tx: Transaction) -> int:
        tell = Fact(EventType.APPROVAL_REFUSED, {"why": "late"})
        append_at_rest(tx, claimed.run.id, desk.now, [tell])
        return prune(tx, desk.now + timedelta(days=1), desk.now)

    assert await desk.write(tells_and_prunes) == 1
    assert desk.breaks() == []


@pytest.mark.parametrize("neighbour", [lambda tx: None, fails], ids=["beside-a-good-unit", "beside-one-that-fails"])
async def test_what_is_told_of_a_run_that_was_just_pruned_fails_alone(desk: Desk, neighbour: Deed) -> None:
    gone, stays = await desk.start(), (await desk.start()).run
    await desk.finish(gone)
    await desk.deliver()
    tell = [Fact(EventType.APPROVAL_REFUSED, {"why": "late"})]

    results = await asyncio.gather(
        desk.write(lambda tx: append_at_rest(tx, gone.run.id, desk.now, tell)),
        desk.write(lambda tx: prune(tx, desk.now + timedelta(days=1), desk.now)),
        desk.write(says(desk, stays, "beside", then=neighbour)),
        desk.write(lambda tx: append_at_rest(tx, gone.run.id, desk.now, tell)),
        desk.write(says(desk, stays, "one")),
        return_exceptions=True,
    )

    assert results[1] == 1
    assert isinstance(results[3], NotFound)
    assert said(desk, stays)[-1] == "one"
    assert desk.breaks() == []


async def test_what_is_forgotten_in_the_transaction_that_told_it_is_forgotten(desk: Desk) -> None:
    run = (await desk.start()).run
    secret = len(desk.events_of(run)) + 1

    def tells_and_forgets(tx: Transaction) -> int:
        says(desk, run, "a secret", "no secret")(tx)
        return erase_payloads(tx, run.id, [secret], desk.now)

    assert await desk.write(tells_and_forgets) == 1
    assert said(desk, run) == ["no secret"]
    assert desk.breaks() == []


async def test_a_head_knows_what_was_told_before_it_in_the_same_transaction(desk: Desk) -> None:
    run = await desk.suspend(asks())

    def unit(tx: Transaction) -> None:
        says(desk, run, "one")(tx)
        append_at_rest(tx, run.id, desk.now, [Fact(EventType.COGNITION_RESPONSE, {"text": "two"})])

    await desk.write(unit)

    assert said(desk, run) == ["one", "two"]
    assert desk.breaks() == []


async def test_nothing_is_told_of_a_run_that_is_not_there(desk: Desk) -> None:
    ghost = (await desk.start()).run
    with pytest.raises(NotFound):
        await desk.write(lambda tx: append_events(tx, ghost.id + 1, desk.now, []))


async def test_a_head_that_a_failed_unit_recorded_is_not_in_the_installations_chain(desk: Desk) -> None:
    first, second = await desk.suspend(asks()), await desk.suspend(asks())
    tell = [Fact(EventType.APPROVAL_REFUSED, {"why": "a stranger"})]

    def rests_and_fails(tx: Transaction) -> None:
        append_at_rest(tx, second.id, desk.now, tell)
        raise ValueError("no")

    await asyncio.gather(
        desk.write(lambda tx: append_at_rest(tx, first.id, desk.now, tell)),
        desk.write(rests_and_fails),
        desk.write(lambda tx: append_at_rest(tx, first.id, desk.now, tell)),
        return_exceptions=True,
    )

    assert desk.store.database.read_rows("SELECT run_id FROM heads ORDER BY n") == [
        (first.id,), (second.id,), (first.id,), (first.id,),
    ]  # fmt: skip
    assert desk.breaks() == []


async def test_what_is_learnt_of_a_chain_does_not_undo_what_was_told_meanwhile(desk: Desk) -> None:
    claimed = await desk.start()

    def tells_and_looks_again(tx: Transaction) -> None:
        says(desk, claimed.run, "one")(tx)
        check_lease(tx, claimed.lease)  # it reads where the chain ends in the tables
        says(desk, claimed.run, "two")(tx)

    await desk.write(tells_and_looks_again)

    assert said(desk, claimed.run) == ["one", "two"]
    assert desk.breaks() == []
