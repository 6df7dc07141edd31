"""Answers as deliveries: owed with the end of their run, streamed as one, taken over from the dead."""

from pathlib import Path

import pytest

from runtime.proposals import Ending
from runtime.records import MessageRef
from tests.storage.desk import ALICE, Desk, intake, open_desk, take


async def test_an_answer_is_owed_in_the_commit_that_ends_its_run(desk: Desk) -> None:
    claimed = await desk.start()
    before = desk.store.database.commits

    await desk.finish(claimed)

    assert desk.store.database.commits == before + 1
    (answer,) = await take(desk)
    assert (answer.kind, answer.run_id, answer.body) == ("answer", claimed.run.id, {"markdown": "It is done."})


async def test_a_streamed_answer_is_one_delivery_from_its_first_word_to_its_last(desk: Desk) -> None:
    claimed = await desk.start()
    opened = await desk.store.open_answer(claimed.lease, desk.now)
    assert opened.fresh
    shown = MessageRef(where=claimed.run.where, id="7.7")
    await desk.store.record_answer_posted(opened.delivery, shown)

    finished = await desk.store.finish(
        claimed.lease, claimed.run, desk.now, ending=Ending.ANSWERED, text="so", facts=(), streamed=True
    )

    assert finished == opened.delivery
    assert await take(desk) == [], "who streams it settles it"
    await desk.store.settle_sent(opened.delivery, desk.now)
    assert desk.deliveries_of(claimed.run) == [("answer", "sent")]


async def test_an_answer_that_could_not_be_shown_to_its_end_is_handed_to_the_courier(desk: Desk) -> None:
    claimed = await desk.start()
    opened = await desk.store.open_answer(claimed.lease, desk.now)
    shown = MessageRef(where=claimed.run.where, id="7.7")
    await desk.store.record_answer_posted(opened.delivery, shown)
    await desk.store.finish(
        claimed.lease, claimed.run, desk.now, ending=Ending.ANSWERED, text="so", facts=(), streamed=True
    )

    await desk.store.hand_over(opened.delivery, desk.now)

    (answer,) = await take(desk)
    assert (answer.id, answer.sent, answer.body, answer.tried_before) == (
        opened.delivery, (shown,), {"markdown": "so"}, True,
    )  # fmt: skip


@pytest.mark.promise(31)
async def test_what_a_dead_worker_began_to_stream_is_taken_over_by_the_next(path: Path) -> None:
    async with open_desk(path) as desk:
        claimed = await desk.start()
        opened = await desk.store.open_answer(claimed.lease, desk.now)
    async with open_desk(path) as desk:
        await desk.store.take_back(desk.clock.pass_(minutes=5))
        assert await take(desk) == [], "its run has not said yet what it answers"
        again = await desk.claim()
        taken = await desk.store.open_answer(again.lease, desk.now)
        assert (taken.delivery, taken.fresh) == (opened.delivery, False)
        await desk.finish(again)
        (answer,) = await take(desk)
        assert (answer.id, answer.tried_before) == (opened.delivery, True)


async def test_a_run_with_debug_owes_its_timeline_after_its_answer(desk: Desk) -> None:
    received = await desk.store.receive(intake(debug=True), desk.now, claim=True)
    assert received.run is not None
    assert received.lease is not None
    await desk.store.finish(
        received.lease, received.run, desk.now, ending=Ending.ANSWERED, text="so", facts=(), streamed=False
    )
    assert [delivery.kind for delivery in await take(desk)] == ["answer", "timeline"]


async def test_stopping_a_run_says_so_where_its_answer_had_begun(desk: Desk) -> None:
    claimed = await desk.start()
    opened = await desk.store.open_answer(claimed.lease, desk.now)
    await desk.store.release(claimed.lease, desk.now, may_have_run=frozenset())

    await desk.store.cancel(claimed.run.id, desk.now, by=ALICE)

    (answer,) = await take(desk)
    assert (answer.id, answer.body) == (opened.delivery, {"markdown": "Stopped."})
