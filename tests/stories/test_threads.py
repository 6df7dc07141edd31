"""Threads: the answer stands where it was asked, in order, and every thread is worked beside the others."""

import asyncio

import pytest

from tests.fakes.slack.places import ChannelKind
from tests.stories.conftest import OpenWorld
from tests.stories.plots import for_each, request_of
from tests.stories.world import World


@pytest.mark.mistake(14)
async def test_two_bots_in_one_channel_do_not_talk_to_each_other(world: World) -> None:
    twin = world.slack.other_bot("UTWIN")
    world.pond.members.add(twin.id)
    asked = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=asked, contains="Done.")

    await twin.mentions(world.pond, "and hello from me", thread=asked)
    await twin.says(world.pond, "anybody here?", thread=asked)
    await world.slack.events.settled()

    assert world.runs() == 1
    assert len(world.slack.answers(world.pond, asked)) == 1


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


@pytest.mark.promise(26)
@pytest.mark.mistake(24)
async def test_messages_of_one_thread_are_answered_in_the_order_they_were_said(world: World) -> None:
    world.model_says(for_each({}))
    root = await world.alice.mentions(world.pond, "zero")
    await world.slack.message(world.pond, thread=root, contains="(zero)")

    for word in ("one", "two", "three"):
        await world.alice.says(world.pond, word, thread=root)

    await world.slack.message(world.pond, thread=root, contains="(three)")
    said = [m.text for m in world.slack.answers(world.pond, root) if m.text.startswith("Done.")]
    assert said == [f"Done. ({word})" for word in ("zero", "one", "two", "three")]
    seen = [[m.text for m in request.messages] for request in world.model.requests if request_of(request) == "three"]
    assert any("(two)" in text for text in seen[0])
