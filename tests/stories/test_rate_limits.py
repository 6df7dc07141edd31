"""Promise 9 under rate limits: a card waits, keeps its form, and is not asked for again and again."""

import pytest

from storage.encoding import micros
from tests.fakes.scripted import directive
from tests.stories.outbox import courier_tried, has_buttons
from tests.stories.plots import RUN, notes
from tests.stories.world import World


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_rate_limit_is_waited_out_and_the_card_keeps_its_form(world: World) -> None:
    limit = world.slack.rate_limit("chat.postMessage", retry_after=30, times=8, when=has_buttons)
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    for number in range(1, 9):
        await limit.arrived(number)
        await courier_tried(world, 0)
        await world.time_passes(seconds=31)

    assert "Approve" in (await world.card()).labels


@pytest.mark.promise(9)
@pytest.mark.mistake(21)
async def test_a_rate_limit_holds_back_the_other_cards_of_its_channel(world: World) -> None:
    limit = world.slack.rate_limit("chat.postMessage", retry_after=30, times=None, when=has_buttons)
    world.model_plans(directive(*(notes(str(number)) for number in range(8))))

    def all_put_off() -> bool:
        rows = world.store.database.read_rows(
            "SELECT 1 FROM deliveries WHERE kind = 'card' AND status = 'owed' AND not_before > ? LIMIT 64",
            (micros(world.clock.now()),),
        )
        return len(rows) == 8

    await world.alice.mentions(world.pond, "do eight things")
    await world.until(all_put_off)
    assert len(limit.hits) == 1

    await world.time_passes(seconds=31)
    await limit.arrived(2)
    await world.until(all_put_off)
    assert len(limit.hits) == 2

    limit.lift()
    await world.time_passes(seconds=31)
    assert "Approve" in (await world.card(8)).labels
