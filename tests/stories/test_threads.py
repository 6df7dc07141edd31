"""Threads: the answer stands where it was asked, in order, and every thread is worked beside the others."""

import asyncio

import pytest

from tests.fakes.slack.places import ChannelKind
from tests.stories.conftest import OpenWorld
from tests.stories.plots import for_each
from tests.stories.world import World


@pytest.mark.mistake(16)
@pytest.mark.parametrize("kind", ["channel", "group", "mpim", "im"])
async def test_every_answer_stands_in_the_thread_of_the_first_message(world: World, kind: ChannelKind) -> None:
    place = world.alice.dm
    if kind != "im":
        place = world.slack.channel(f"the-{kind}", members=[world.alice, world.bob], kind=kind)
    world.model_says(for_each({}))
    root = await world.alice.mentions(place, "one")
    await world.slack.message(place, thread=root, contains="(one)")
    reply = await world.alice.mentions(place, "two", thread=root)
    await world.slack.message(place, thread=root, contains="(two)")

    await world.alice.says(place, "three", thread=reply)

    await world.slack.message(place, thread=root, contains="(three)")
    assert {answer.thread_ts for answer in world.slack.answers(place)} == {root.ts}
    places = {world.store.load_run(world.run_id(number)).where for number in (1, 2, 3)}
    assert len(places) == 1


@pytest.mark.mistake(16)
async def test_a_mention_in_the_thread_of_other_people_is_answered_there(world: World) -> None:
    root = await world.bob.says(world.pond, "how large is the pond?")
    await world.bob.says(world.pond, "anybody?", thread=root)

    asked = await world.alice.mentions(world.pond, "do you know?", thread=root)

    answer = await world.slack.message(world.pond, thread=root, contains="Done.")
    assert answer.thread_ts == root.ts != asked.ts


@pytest.mark.mistake(24)
async def test_ten_threads_are_worked_side_by_side(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="10") as world:
        everybody_thinks = asyncio.Event()
        world.model_says(for_each({}))
        world.model.hold(everybody_thinks)

        asked = [await world.alice.mentions(world.pond, f"question {number}") for number in range(10)]
        await world.model.until_called(10)
        everybody_thinks.set()

        for number, each in enumerate(asked):
            await world.slack.message(world.pond, thread=each, contains=f"(question {number})")
