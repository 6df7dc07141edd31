"""People who click on both platforms at once: one decision, and each of them told once."""

import asyncio
from collections import Counter

import pytest

from runtime.agent import Outcome
from tests.stories.crossing import Crossing
from tests.stories.sides.side import Side
from tests.stories.test_two_platforms import asked, check_answered, told


@pytest.mark.promise(22)
async def test_a_thousand_racing_clicks_from_both_platforms_are_one_decision(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)
    people = [side.ref(who) for side in (here, there) for who in ("bob", "carol")]

    settled = await asyncio.gather(*(crossing.presses(people[number % 4], "approve") for number in range(1_000)))

    assert Counter(one.outcome for one in settled) == {Outcome.DECIDED: 1, Outcome.ALREADY_DECIDED: 999}
    decision = crossing.approval().decision
    assert decision is not None
    assert all(decision.by.id in one.words for one in settled), "each is told who decided"
    await check_answered(crossing, here, said)
    assert len(crossing.events_of("approval_decided")) == 1
    assert len(crossing.events_of("tool_call_started")) == 1


@pytest.mark.promise(22)
@pytest.mark.promise(11)
async def test_people_who_click_on_both_platforms_at_once_are_each_told_once(
    crossing: Crossing, here: Side, there: Side
) -> None:
    said = await asked(crossing, here)
    card, copies = await here.card(), [await there.opens_card(who) for who in ("bob", "carol")]
    before = told(here) + told(there)

    acked = await asyncio.gather(
        here.click("bob", card, "Approve"),
        there.click("bob", copies[0], "Approve"),
        here.click("carol", card, "Approve"),
        there.click("carol", copies[1], "Approve"),
    )

    assert all(acked)
    await check_answered(crossing, here, said)
    await crossing.until(lambda: told(here) + told(there) == before + 4)
    assert len(crossing.events_of("approval_decided")) == 1
