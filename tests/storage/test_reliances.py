"""What a run had at hand is on record with each thing that it made of it; where it is gone by then, nothing is."""

from collections.abc import Awaitable, Callable

import pytest

from runtime.afterthoughts.legacy import Legacy
from runtime.errors import LeaseLost, MemoryGone
from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId
from runtime.proposals import Claimed, Ending, ProposedCall
from runtime.records import Run
from tests.storage.desk import ALICE, READY, Desk, asks, proposal
from tests.storage.memory.past import remember

SPOKEN = Fact(EventType.COGNITION_RESPONSE, {"role": "action", "text": "Lunch is at noon."})
Does = Callable[[Desk, Claimed, tuple[MemoryId, ...]], Awaitable[object]]


async def plans(desk: Desk, of: Claimed, relied: tuple[MemoryId, ...], *calls: ProposedCall) -> Run:
    return await desk.store.record_step(
        of.lease, of.run, desk.now, text="so", calls=calls, facts=(SPOKEN,), relied=relied
    )


async def plans_a_call(desk: Desk, of: Claimed, relied: tuple[MemoryId, ...]) -> Run:
    return await plans(desk, of, relied, proposal(READY))


async def plans_to_ask(desk: Desk, of: Claimed, relied: tuple[MemoryId, ...]) -> Run:
    return await plans(desk, of, relied, proposal(asks()))


async def answers(desk: Desk, of: Claimed, relied: tuple[MemoryId, ...]) -> None:
    await desk.store.finish(
        of.lease, of.run, desk.now, ending=Ending.ANSWERED, text="so", facts=(SPOKEN,), streamed=False,
        legacy=Legacy(relied=relied),
    )  # fmt: skip


async def is_put_back(desk: Desk, of: Claimed, relied: tuple[MemoryId, ...]) -> None:
    await desk.store.release(of.lease, desk.now, may_have_run=frozenset(), facts=(SPOKEN,), relied=relied)


def relied_of(desk: Desk, run: Run) -> list[int]:
    return list(desk.store.list_reliances(run.id))


DOES = {"plans": plans, "plans a call": plans_a_call, "asks": plans_to_ask, "answers": answers, "waits": is_put_back}


@pytest.mark.parametrize("does", DOES.values(), ids=DOES)
async def test_what_a_run_had_at_hand_is_recorded_with_what_it_does(desk: Desk, does: Does) -> None:
    memory_id = await remember(desk, "Lunch is at noon")
    claimed = await desk.start()

    await does(desk, claimed, (memory_id,))
    await desk.commit()

    assert relied_of(desk, claimed.run) == [memory_id]
    assert EventType.COGNITION_RESPONSE in desk.events_of(claimed.run)


@pytest.mark.parametrize("does", DOES.values(), ids=DOES)
async def test_where_one_of_it_is_gone_nothing_is_recorded_and_the_worker_goes_on(desk: Desk, does: Does) -> None:
    memory_id, other = await remember(desk, "Lunch is at noon"), await remember(desk, "Tea is at four")
    claimed = await desk.start()
    before = desk.run(claimed.run), desk.events_of(claimed.run)
    await desk.store.forget([memory_id], desk.now, by=ALICE)

    with pytest.raises(MemoryGone):
        await does(desk, claimed, (memory_id, other))
    await desk.commit()

    assert (desk.run(claimed.run), desk.events_of(claimed.run)) == before
    assert relied_of(desk, claimed.run) == []
    await does(desk, claimed, (other,))
    await desk.commit()
    assert relied_of(desk, claimed.run) == [other]


async def test_whoever_lost_the_run_is_told_that_first(desk: Desk) -> None:
    claimed = await desk.start()
    await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset())

    with pytest.raises(LeaseLost):
        await plans(desk, claimed, (MemoryId(7),))


async def test_a_memory_counts_as_used_once_for_a_run(desk: Desk) -> None:
    memory_id, late = await remember(desk, "Lunch is at noon"), await remember(desk, "Tea is at four")
    claimed = await desk.start()
    run = await plans(desk, claimed, (memory_id,))
    then = desk.now
    desk.clock.pass_(minutes=1)
    run = await plans(desk, Claimed(lease=claimed.lease, run=run), (memory_id,))
    await answers(desk, Claimed(lease=claimed.lease, run=run), (memory_id, late))

    memories = [desk.store.find_memory(each) for each in (memory_id, late)]
    assert [(each.uses, each.used_at) for each in memories if each] == [(1, then), (1, desk.now)]
    await plans(desk, await desk.start(), (memory_id,))
    await desk.commit()
    again = desk.store.find_memory(memory_id)
    assert again is not None
    assert again.uses == 2
