"""Every copy of a card is owed its end, once, whatever became of the copy."""

from datetime import timedelta

import pytest

from runtime.records import ConversationRef, Verdict
from runtime.states import RunStatus
from storage.outbox import owe_card_updates
from tests.storage.desk import DAWN, POND, Desk, asks, take
from tests.storage.outgoing import posted, statuses


@pytest.mark.promise(10)
async def test_every_copy_of_a_card_is_owed_its_end(desk: Desk) -> None:
    run = await desk.suspend(asks())
    (card,) = await take(desk)
    await desk.store.settle_sent(card.id, desk.now, sent=(posted(card),))

    await desk.settle(1)

    (update,) = await take(desk)
    assert (update.kind, update.approval_id, update.sent) == ("card_update", 1, (posted(card),))
    assert update.run_id == run.id


@pytest.mark.promise(10)
async def test_a_card_that_is_settled_while_it_is_being_sent_gets_its_end_afterwards(desk: Desk) -> None:
    await desk.suspend(asks())
    (card,) = await take(desk)

    await desk.settle(1, Verdict.DENY)
    assert await take(desk) == []
    await desk.store.settle_sent(card.id, desk.now, sent=(posted(card),))

    (update,) = await take(desk)
    assert (update.kind, update.sent) == ("card_update", (posted(card),))


@pytest.mark.promise(10)
async def test_a_card_that_may_stand_is_owed_its_end_beside_its_plainer_copy(desk: Desk) -> None:
    await desk.suspend(asks())
    (card,) = await take(desk)
    private = ConversationRef(platform="slack", space="T1", channel="D1")

    await desk.store.owe_copy(card.id, private, form="direct", error="nobody knows", at=desk.now)
    (copy,) = await take(desk)
    await desk.store.settle_sent(copy.id, desk.clock.pass_(minutes=1), sent=(posted(copy),))
    await desk.settle(1)

    assert (copy.kind, copy.form, copy.where, copy.tried_before) == ("card", "direct", private, False)
    first, second = await take(desk)
    assert (first.target, first.where, first.sent, first.created_at) == (card.id, card.where, (), card.created_at)
    assert (second.target, second.where, second.sent) == (copy.id, private, (posted(copy),))


@pytest.mark.promise(10)
async def test_a_card_that_may_stand_gets_its_end_at_once_where_it_is_settled_already(desk: Desk) -> None:
    await desk.suspend(asks())
    (card,) = await take(desk)
    await desk.settle(1)

    await desk.store.owe_copy(card.id, POND, form="text", error="nobody knows", at=desk.now)

    copy, update = await take(desk)
    assert (copy.kind, copy.form, copy.where) == ("card", "text", POND)
    assert (update.kind, update.target) == ("card_update", card.id)


async def test_a_card_that_stands_gets_no_copy(desk: Desk) -> None:
    await desk.suspend(asks())
    (card,) = await take(desk)
    await desk.store.settle_sent(card.id, desk.now, sent=(posted(card),))

    await desk.store.owe_copy(card.id, POND, form="text", error="late news", at=desk.now)

    assert statuses(desk) == ["sent"]


async def test_a_card_that_is_still_pending_when_it_is_sent_gets_no_update(desk: Desk) -> None:
    await desk.suspend(asks())
    await desk.deliver()
    assert await take(desk) == []


async def test_of_two_updates_that_are_owed_the_newer_one_is_sent(desk: Desk) -> None:
    soon = DAWN + timedelta(minutes=1)
    run = await desk.suspend(asks(until=soon))
    await desk.deliver()
    await desk.store.expire_due(desk.clock.pass_(minutes=1))
    assert desk.run(run).status is RunStatus.EXPIRED
    await desk.write(lambda tx: owe_card_updates(tx, desk.now, 1))
    assert statuses(desk) == ["sent", "superseded", "owed"]
