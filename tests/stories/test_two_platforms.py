"""Both platforms live at once in one process: what is asked on one and decided on the other is answered where it was asked.

`here` is the platform that was asked on, `there` the other one; every story is told both ways round.
"""

import asyncio

import pytest

from bots.terminal.platform import local_user
from runtime.agent import Outcome
from runtime.states import ApprovalStatus, RunStatus
from tests.stories.crossing import Crossing
from tests.stories.plots import RUN, for_each
from tests.stories.shell import mallard
from tests.stories.sides.side import Asked, Side

PLANS = {"run it": RUN, "run that": RUN}


async def asked(crossing: Crossing, here: Side) -> Asked:
    crossing.model_says(for_each(PLANS))
    said = await here.asks("run it")
    await crossing.run(1, RunStatus.WAITING)
    await here.card()
    return said


async def check_answered(crossing: Crossing, here: Side, said: Asked) -> None:
    """The answer stands where it was asked, once, and nowhere else; the card is closed; the call ran once."""
    await here.answer(said, "Done. (run it)")
    await here.closed(1, saying="Approved by")
    everywhere = [each for side in crossing.sides.values() for each in side.standing() if "Done." in each.text]
    assert [each.place for each in everywhere] == [said.place]
    assert crossing.other(here).cards() == []
    assert crossing.lines() == ["ran"]


@pytest.mark.promise(19)
async def test_decided_by_words_on_the_other_platform(crossing: Crossing, here: Side, there: Side) -> None:
    said = await asked(crossing, here)

    await there.tells("bob", "approve 1")

    await check_answered(crossing, here, said)
    assert crossing.approval().decision is not None
    assert crossing.approval().decision.by == there.ref("bob")  # type: ignore[union-attr]


@pytest.mark.promise(19)
@pytest.mark.promise(10)
async def test_decided_on_a_copy_of_the_card_that_was_opened_on_the_other_platform(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)

    copy = await there.opens_card("bob")
    assert await there.click("bob", copy, "Approve")

    await check_answered(crossing, here, said)


@pytest.mark.promise(19)
async def test_decided_by_whoever_sits_at_the_terminal(crossing: Crossing, here: Side) -> None:
    said = await asked(crossing, here)

    await crossing.presses(local_user(), "approve")

    await check_answered(crossing, here, said)


@pytest.mark.promise(19)
async def test_decided_on_the_command_line(crossing: Crossing, here: Side) -> None:
    said = await asked(crossing, here)

    printed = await mallard(crossing, "approvals", "approve", "1")

    assert "Approved by" in printed
    await check_answered(crossing, here, said)


@pytest.mark.promise(19)
@pytest.mark.promise(21)
async def test_denied_on_the_other_platform_the_reason_is_told_where_it_was_asked(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)

    await there.tells("bob", "deny 1: not on a Friday")

    await here.answer(said, "Done.")
    await here.closed(1, saying="not on a Friday")
    assert crossing.approval().status is ApprovalStatus.DENIED
    assert crossing.lines() == []


@pytest.mark.promise(10)
@pytest.mark.promise(11)
async def test_a_copy_on_the_other_platform_says_who_decided_when_it_is_clicked_late(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)
    copy = await there.opens_card("bob")
    told = len(there.told("bob"))

    assert await here.click("carol", await here.card(), "Approve")
    await check_answered(crossing, here, said)
    assert await there.click("bob", copy, "Approve")

    await there.until(lambda: any("settled before you" in words for words in there.told("bob")), timeout=10)
    (late,) = there.told("bob")[told:]
    assert "Approved by" in late
    assert "carol" in late.lower()
    assert len(crossing.events_of("approval_decided")) == 1


@pytest.mark.promise(10)
async def test_cards_that_wait_on_both_platforms_are_each_closed_where_they_stand(
    crossing: Crossing, here: Side, there: Side
) -> None:
    crossing.model_says(for_each(PLANS))
    first = await here.asks("run it")
    await crossing.run(1, RunStatus.WAITING)
    second = await there.asks("run that")
    await crossing.run(2, RunStatus.WAITING)
    await here.card(1)
    await there.card(2)

    await asyncio.gather(here.tells("bob", "approve 2"), there.tells("bob", "approve 1"))

    await here.answer(first, "Done. (run it)")
    await there.answer(second, "Done. (run that)")
    await here.closed(1, saying="Approved by")
    await there.closed(2, saying="Approved by")
    assert crossing.lines() == ["ran", "ran"]


@pytest.mark.promise(20)
async def test_a_button_of_another_installation_is_refused_though_the_other_platform_is_there(
    crossing: Crossing, here: Side
) -> None:
    said = await asked(crossing, here)
    card = await here.card()

    assert await here.click("bob", here.forged(card, "Approve", token="0123abcd.1.approve"), "Approve")

    await here.until(lambda: any("another installation" in words for words in here.told("bob")), timeout=10)
    assert crossing.approval().status is ApprovalStatus.PENDING
    assert crossing.lines() == []
    assert await here.click("bob", await here.card(), "Approve")
    await check_answered(crossing, here, said)


@pytest.mark.promise(7)
@pytest.mark.promise(37)
async def test_a_stranger_of_the_other_platform_decides_nothing_and_is_on_record(
    crossing: Crossing, here: Side, there: Side
) -> None:
    await asked(crossing, here)

    await there.tells("mallory", "approve 1")
    settlement = await crossing.presses(there.ref("mallory"), "approve")

    assert settlement.outcome is Outcome.NOT_ALLOWED
    assert crossing.approval().status is ApprovalStatus.PENDING
    assert len(crossing.events_of("approval_refused")) == 1
    assert crossing.lines() == []


def told(side: Side) -> int:
    return len(side.told("bob")) + len(side.told("carol"))


@pytest.mark.promise(9)
async def test_while_one_platform_takes_no_card_the_other_does_and_neither_is_silent(
    crossing: Crossing, here: Side, there: Side
) -> None:
    crossing.model_says(for_each(PLANS))
    async with here.harmed("unwell"):
        first = await here.asks("run it")
        await crossing.run(1, RunStatus.WAITING)
        second = await there.asks("run that")
        await there.card(2)
        assert here.cards() == []
        await there.tells("bob", "approve 2")
        await there.answer(second, "Done. (run that)")
    await crossing.time_passes(seconds=60)

    await here.card(1)
    await there.tells("bob", "approve 1")
    await here.answer(first, "Done. (run it)")
    await here.closed(1, saying="Approved by")


@pytest.mark.promise(23)
async def test_told_several_times_on_both_platforms_each_message_is_one_run(
    crossing: Crossing, here: Side, there: Side
) -> None:
    crossing.slack.events.copies = 3
    crossing.discord.gateway.copies = 3

    asked_here, asked_there = await asyncio.gather(here.asks("hello"), there.asks("hello"))

    await here.answer(asked_here, "Done.")
    await there.answer(asked_there, "Done.")
    await crossing.restart()
    again = await here.asks("hello again")
    await here.answer(again, "Done.")
    assert crossing.runs() == 3
    assert [len(side.standing()) for side in (here, there)] == [2, 1]


@pytest.mark.promise(24)
@pytest.mark.promise(2)
async def test_what_was_said_on_both_while_the_house_was_closed_is_answered_and_old_cards_work(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)
    greeting = await there.asks("hello")
    await there.answer(greeting, "Done. (hello)")
    card = await here.card()
    await crossing.close()

    missed_here = await here.asks("still there?")
    missed_there = await there.asks("and here?")
    await crossing.open()

    await here.answer(missed_here, "Done. (still there?)")
    await there.answer(missed_there, "Done. (and here?)")
    assert await here.click("bob", card, "Approve")
    await check_answered_among_others(crossing, here, said)


async def check_answered_among_others(crossing: Crossing, here: Side, said: Asked) -> None:
    await here.answer(said, "Done. (run it)")
    await here.closed(1, saying="Approved by")
    assert crossing.lines() == ["ran"]
