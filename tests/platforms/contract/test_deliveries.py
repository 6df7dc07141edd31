"""Promises 9 and 10: a card that cannot be sent is tried again, and however it ends, the card says so."""

from collections.abc import Awaitable, Callable

import pytest

from runtime.ladder import TRIES
from runtime.states import RunStatus
from tests.fakes.scripted import directive
from tests.platforms.contract.scene import Card, Crowd, Scene
from tests.stories.plots import RUN, notes

STEP = directive(notes("one"), notes("two"))
"""The tales look at the second card; the first one's fate may decide the second's."""


async def tried(scene: Scene, kind: str, times: int) -> None:
    """Return once the newest delivery of a kind was put back after its Nth attempt."""

    def deferred() -> bool:
        row = scene.store.database.read_row(
            "SELECT status, attempts FROM deliveries WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)
        )
        return row is not None and row[0] == "owed" and row[1] >= times

    await scene.until(deferred)


async def second_card(scene: Scene) -> Card:
    """The second card of a run that waits for two."""
    scene.model_plans(STEP)
    await scene.says("do two things")
    card = await scene.card(2)
    await scene.run(1, RunStatus.WAITING)
    return card


@pytest.mark.promise(9)
@pytest.mark.parametrize("times", [1, 3, 5])
async def test_a_card_that_fails_a_few_times_is_tried_until_it_stands_once(scene: Scene, times: int) -> None:
    scene.cards_fail(times)
    scene.model_plans(RUN)
    await scene.says("run it")

    for number in range(1, times + 1):
        await tried(scene, "card", number)
        assert scene.find_card(1) is None
        await scene.time_passes(minutes=6)
    card = await scene.card()

    assert "Approve" in card.labels
    await scene.clicks(card, "Approve")
    await scene.hears("Done.")
    assert scene.copies(1) == 1


@pytest.mark.promise(9, not_on={"terminal": "what is printed there is printed"})
async def test_a_card_that_stays_unclear_is_said_as_text_and_closed_as_that(scene: Crowd) -> None:
    scene.cards_stay_unclear(TRIES)
    scene.model_plans(RUN)
    await scene.says("run it")

    for number in range(1, TRIES + 1):
        await tried(scene, "card", number)
        await scene.time_passes(minutes=6)
    card = await scene.card()
    assert "approve 1" in card.text
    assert "Approve" not in card.labels
    await scene.presses(scene.colleague.ref, "approve", 1)

    await scene.closed(card, saying="Approved by")
    assert scene.copies(1) == 1


@pytest.mark.promise(9)
async def test_a_card_that_was_owed_when_the_house_closed_is_posted_once_after_it_opens(scene: Scene) -> None:
    trouble = scene.cards_fail()
    scene.model_plans(RUN)
    await scene.says("run it")
    await tried(scene, "card", 1)

    await scene.close()
    trouble.lift()
    scene.clock.advance(60)
    await scene.open()

    card = await scene.card()
    assert "Approve" in card.labels
    await scene.clicks(card, "Approve")
    await scene.hears("Done.")
    assert scene.copies(1) == 1


async def approved(scene: Scene) -> None:
    await scene.presses(scene.colleague.ref, "approve", 2)


async def denied(scene: Scene) -> None:
    await scene.presses(scene.colleague.ref, "deny", 2)


async def changed(scene: Scene) -> None:
    await scene.presses(scene.colleague.ref, "change", 2, comment="please not")


async def expired(scene: Scene) -> None:
    await scene.time_passes(hours=73)


async def withdrawn_with_a_sibling(scene: Scene) -> None:
    await scene.presses(scene.colleague.ref, "change", 1, comment="please not")


async def stopped(scene: Scene) -> None:
    await scene.says("stop")


@pytest.mark.promise(10)
@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (approved, "Approved by"),
        (denied, "Denied by"),
        (changed, "Changes requested by"),
        (expired, "Expired: nobody decided in time"),
        (withdrawn_with_a_sibling, "Withdrawn"),
        (stopped, "Withdrawn"),
    ],
)
async def test_however_it_ends_its_card_says_so_and_offers_no_decision(
    scene: Scene, ends: Callable[[Scene], Awaitable[None]], words: str
) -> None:
    card = await second_card(scene)

    await ends(scene)

    await scene.closed(card, saying=words)
    assert "approve 2" not in card.text
    assert not {"Approve", "Always allow", "Deny", "Change…"} & set(card.labels)


@pytest.mark.promise(10)
async def test_an_update_that_failed_is_made_while_the_house_works(scene: Scene) -> None:
    card = await second_card(scene)
    trouble = scene.updates_fail(1)

    await scene.presses(scene.colleague.ref, "deny", 2)
    await trouble.arrived()
    await tried(scene, "card_update", 1)
    assert "Approve" in card.labels
    await scene.time_passes(minutes=6)

    await scene.closed(card, saying="Denied by")


@pytest.mark.promise(10)
async def test_an_update_that_failed_is_made_after_the_next_start(scene: Scene) -> None:
    card = await second_card(scene)
    trouble = scene.updates_fail()
    await scene.presses(scene.colleague.ref, "deny", 2)
    await scene.presses(scene.colleague.ref, "approve", 1)
    await trouble.arrived(2)
    await scene.answer()

    await scene.close()
    assert "Approve" in card.labels
    trouble.lift()
    scene.clock.advance(600)
    await scene.open()

    await scene.closed(card, saying="Denied by")
