"""Deliveries: owed with what they tell, sent once, tried again, and never forgotten."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.pauses import LONGEST_PAUSE
from runtime.proposals import Ending
from runtime.records import ConversationRef
from runtime.states import DeliveryStatus
from tests.storage.desk import ALICE, DAWN, EVERYWHERE, POND, Desk, asks, intake, message, open_desk, take
from tests.storage.outgoing import posted, statuses

LATER = DAWN + timedelta(seconds=4)


async def owe(desk: Desk, words: str = "hello", where: ConversationRef = POND) -> None:
    await desk.store.owe_notice(where, direct=False, to=ALICE, markdown=words, at=desk.now)


async def test_a_delivery_is_marked_as_being_sent_before_it_is(desk: Desk) -> None:
    await owe(desk)

    (first,) = await take(desk)

    assert (first.status, first.tried_before, first.attempts, first.form) == (DeliveryStatus.SENDING, False, 1, "full")
    assert (first.where, first.person, first.body) == (POND, ALICE, {"markdown": "hello"})
    assert statuses(desk) == ["sending"]
    assert await take(desk) == []


async def test_what_was_sent_is_not_owed_any_more(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)
    await desk.store.settle_sent(first.id, desk.now, sent=(posted(first),))

    assert statuses(desk) == ["sent"]
    await desk.store.defer(first.id, not_before=desk.now, error="late news", unsent=True)
    await desk.store.give_up(first.id, error="late news")
    assert statuses(desk) == ["sent"]


async def test_who_could_not_be_found_is_looked_for_as_soon_as_their_platform_is_served_again(desk: Desk) -> None:
    await owe(desk, "for her alone", where=ConversationRef.alone_with(ALICE))
    await owe(desk, "too fast")
    for delivery in await take(desk):
        await desk.store.defer(delivery.id, not_before=LATER, error="not there", unsent=True)
    await desk.store.begin_serving("discord", desk.now)
    assert await take(desk) == []

    await desk.store.begin_serving("slack", desk.now)

    assert [each.body for each in await take(desk)] == [{"markdown": "for her alone"}]


@pytest.mark.promise(34)
async def test_each_delivery_is_claimed_by_one_of_two_processes(path: Path) -> None:
    async with open_desk(path) as one, open_desk(path) as other:
        for number in range(40):
            await owe(one, f"{number}")
        taken = await asyncio.gather(*(take(desk, 3) for _ in range(10) for desk in (one, other)))
        numbers = [delivery.id for each in taken for delivery in each]
        assert sorted(numbers) == list(range(1, 41))


@pytest.mark.promise(34)
async def test_a_process_speaks_on_its_own_platforms_only(desk: Desk) -> None:
    await owe(desk, where=ConversationRef(platform="terminal", channel="local"))
    assert await desk.store.claim_deliveries(desk.now, platforms=frozenset({"slack"}), limit=9) == []
    assert desk.store.next_due(frozenset({"slack"})) is None
    assert desk.store.next_due(frozenset({"terminal"})) is not None


async def test_approval_traffic_goes_first_then_answers_then_the_rest(desk: Desk) -> None:
    await owe(desk)
    ended = await desk.store.receive(intake(message("debugged"), debug=True), desk.now, claim=True)
    assert ended.run is not None
    assert ended.lease is not None
    await desk.store.finish(
        ended.lease, ended.run, desk.now, ending=Ending.ANSWERED, text="so", facts=(), streamed=False
    )
    settled = await desk.suspend(asks())
    await desk.deliver(limit=1)
    await desk.settle(desk.approvals_of(settled)[0])
    await desk.suspend(asks())

    assert [delivery.kind for delivery in await take(desk)] == ["card", "card_update", "answer", "notice", "timeline"]


async def test_a_deferred_delivery_comes_again_at_its_time(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)

    await desk.store.defer(first.id, not_before=LATER, error="busy", unsent=False)

    assert desk.store.next_due(EVERYWHERE) == LATER
    assert await take(desk) == []
    desk.clock.at = LATER
    (again,) = await take(desk)
    assert (again.id, again.attempts, again.tried_before) == (first.id, 2, True)


async def test_a_clock_that_is_set_back_holds_no_delivery(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)
    await desk.store.defer(first.id, not_before=desk.now + LONGEST_PAUSE, error="busy", unsent=False)
    assert await take(desk) == []

    desk.clock.pass_(hours=-2)

    assert [each.id for each in await take(desk)] == [first.id]


async def test_what_certainly_was_not_posted_is_not_looked_for(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)
    await desk.store.defer(first.id, not_before=desk.now, error="refused", unsent=True)
    (again,) = await take(desk)
    assert not again.tried_before


@pytest.mark.promise(9)
async def test_another_form_starts_its_attempts_anew(desk: Desk) -> None:
    await desk.suspend(asks())
    for _ in range(3):
        (card,) = await take(desk)
        await desk.store.defer(card.id, not_before=desk.now, error="busy", unsent=True)
    (card,) = await take(desk)
    assert card.attempts == 4

    await desk.store.defer(card.id, not_before=desk.now, error="refused", form="text", unsent=True)

    (card,) = await take(desk)
    assert (card.form, card.attempts) == ("text", 1)
    await desk.store.defer(card.id, not_before=desk.now, error="busy", unsent=True)
    (card,) = await take(desk)
    assert (card.form, card.attempts) == ("text", 2)


async def test_what_was_put_off_was_no_attempt(desk: Desk) -> None:
    await owe(desk)
    for _ in range(3):
        (delivery,) = await take(desk)
        await desk.store.defer(delivery.id, not_before=desk.now, error="not now", unsent=False, counted=False)

    (delivery,) = await take(desk)
    assert (delivery.attempts, delivery.tried_before) == (1, True)


@pytest.mark.promise(9)
async def test_a_delivery_can_be_moved_to_the_person_alone(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)
    private = ConversationRef(platform="slack", space="T1", channel="D1")

    await desk.store.move_to_direct(first.id, private)
    await desk.store.defer(first.id, not_before=desk.now, error="no such channel", form="direct", unsent=True)

    (again,) = await take(desk)
    assert (again.where, again.direct, again.form) == (private, True, "direct")


async def test_what_nobody_could_deliver_stays_on_record_as_dead(desk: Desk) -> None:
    await owe(desk)
    (first,) = await take(desk)
    await desk.store.give_up(first.id, error="everything was tried")

    assert statuses(desk) == ["dead"]
    assert await take(desk) == []
    assert desk.store.database.read_rows("SELECT error FROM deliveries") == [("everything was tried",)]


async def test_pieces_that_stand_are_remembered_across_a_crash(path: Path) -> None:
    async with open_desk(path) as desk:
        await owe(desk)
        (first,) = await take(desk)
        await desk.store.record_piece_sent(first.id, (posted(first, "1"),))
        await desk.store.record_piece_sent(first.id, (posted(first, "1"), posted(first, "2")))
    async with open_desk(path) as desk:
        await desk.store.take_back(desk.clock.pass_(minutes=5))
        (again,) = await take(desk)
        assert (again.sent, again.tried_before) == ((posted(first, "1"), posted(first, "2")), True)


# cards
