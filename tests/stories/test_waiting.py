"""Promises 16, 17 and 18: a run that waits does nothing, decisions never queue, and small talk is no consent."""

import asyncio

import pytest

from runtime.states import ApprovalStatus, RunStatus
from tests.stories.conftest import OpenWorld
from tests.stories.plots import RUN, for_each, request_of
from tests.stories.world import World

PLANS = {"run it": RUN}


def calls_for(world: World, request: str) -> int:
    return sum(request_of(one) == request for one in world.model.requests)


@pytest.mark.promise(16)
async def test_a_waiting_run_calls_nothing_and_holds_no_worker(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        await world.alice.mentions(world.pond, "run it")
        await world.run(1, RunStatus.WAITING)
        events, asked = len(world.events()), calls_for(world, "run it")

        for number in range(2, 5):
            await world.bob.mentions(world.pond, f"hello {number}")
            assert await world.answer(number) == f"Done. (hello {number})"
        await world.time_passes(hours=1)

        assert (await world.run(1)).status is RunStatus.WAITING
        assert calls_for(world, "run it") == asked
        assert len(world.events()) == events
        assert "run 1" not in {task.get_name() for task in asyncio.all_tasks()}
        lease = world.store.database.read_row("SELECT lease_token, worker_id FROM runs WHERE id = 1")
        assert lease == (None, None)


@pytest.mark.promise(16)
async def test_a_waiting_run_does_not_occupy_its_own_conversation(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        thread = await world.alice.mentions(world.pond, "run it")
        await world.run(1, RunStatus.WAITING)

        await world.alice.says(world.pond, "and what is new?", thread=thread)

        assert (await world.answer(2)).startswith("Done. (and what is new?)")


@pytest.mark.promise(16)
async def test_twenty_waiting_runs_leave_the_one_worker_free(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        for number in range(1, 21):
            await world.alice.mentions(world.pond, "run it")
            await world.run(number, RunStatus.WAITING)

        await world.alice.mentions(world.pond, "hello")

        assert await world.answer(21) == "Done. (hello)"


@pytest.mark.promise(17)
async def test_a_decision_lands_while_the_conversations_queue_is_full(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        thread = await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)
        go_on = asyncio.Event()
        world.model.hold(go_on, once=True)
        for number in range(2, 8):
            await world.alice.says(world.pond, f"more {number}", thread=thread)
            await world.run(number, RunStatus.RUNNING if number == 2 else RunStatus.QUEUED)

        clicked = await world.bob.clicks(card, "Approve")

        await world.slack.ephemeral(world.bob, contains="Approved by bob")
        await world.closed(card, saying="Approved by bob")
        assert clicked.acked
        assert len(world.events_of("approval_decided")) == 1
        assert (await world.run(1, RunStatus.QUEUED)).status is RunStatus.QUEUED
        assert (await world.run(2, RunStatus.RUNNING)).status is RunStatus.RUNNING
        go_on.set()
        await world.answer(7)
        ended = [world.store.load_run(world.run_id(number)).ended_at for number in range(1, 8)]
        assert all(moment is not None for moment in ended)
        later = [moment for moment in ended[2:] if moment is not None and ended[0] is not None and moment > ended[0]]
        assert len(later) == 5, "what a person said yes to goes before what nobody has begun"


@pytest.mark.promise(17)
async def test_a_typed_decision_lands_while_the_conversations_queue_is_full(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_CONCURRENCY="1") as world:
        world.model_says(for_each(PLANS))
        thread = await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)
        go_on = asyncio.Event()
        world.model.hold(go_on, once=True)
        await world.alice.says(world.pond, "more", thread=thread)
        await world.run(2, RunStatus.RUNNING)

        await world.bob.says(world.pond, "deny 1: not now", thread=thread)

        await world.closed(card, saying="Denied by")
        assert world.approval().status is ApprovalStatus.DENIED
        go_on.set()
        await world.answer(1)


@pytest.mark.promise(18)
@pytest.mark.parametrize("words", ["yes", "ok go", "yes, approve it please", "👍", "do it!", "I approve", "yes 1"])
async def test_an_ordinary_message_is_no_consent_and_is_answered_with_a_pointer(world: World, words: str) -> None:
    world.model_says(for_each(PLANS))
    thread = await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)

    await world.bob.says(world.pond, words, thread=thread)

    answer = await world.slack.message(world.pond, thread=thread, contains="Approval 1 is still waiting")
    assert f"Done. ({words})" in answer.text
    assert world.approval().status is ApprovalStatus.PENDING
    assert (await world.run(1)).status is RunStatus.WAITING
    assert "Approve" in card.labels
    assert world.lines() == []


@pytest.mark.promise(18)
@pytest.mark.parametrize("words", ["approve it", "Approve", "approve please"])
async def test_a_bare_approve_is_no_consent_and_gets_the_list(world: World, words: str) -> None:
    world.model_says(for_each(PLANS))
    thread = await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)

    await world.bob.says(world.pond, words, thread=thread)

    await world.slack.message(world.pond, thread=thread, contains="approval 1 · shell_exec_safe")
    assert world.approval().status is ApprovalStatus.PENDING
    assert world.lines() == []


@pytest.mark.promise(18)
async def test_in_a_direct_message_a_yes_is_no_consent_either(world: World) -> None:
    world.model_says(for_each(PLANS))
    asked = await world.bob.dms("run it")
    await world.run(1, RunStatus.WAITING)

    await world.bob.dms("yes", thread=asked)

    await world.slack.message(world.bob.dm, thread=asked, contains="Approval 1 is still waiting")
    assert world.approval().status is ApprovalStatus.PENDING


@pytest.mark.promise(18)
async def test_a_sentence_that_happens_to_name_a_verb_and_a_number_decides_nothing(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    world.model_plans()

    changing = await world.bob.mentions(world.pond, "change 1 columns of the table to text")
    await world.slack.message(world.pond, thread=changing, contains="Done.")
    approving = await world.bob.mentions(world.pond, "approve 1 of the invoices")
    await world.slack.message(world.pond, thread=approving, contains="Nothing was decided.")

    assert world.approval().status is ApprovalStatus.PENDING
    assert [world.store.load_run(world.run_id(2)).request, world.runs()] == ["change 1 columns of the table to text", 2]


@pytest.mark.promise(18)
async def test_a_models_words_can_approve_nothing(world: World) -> None:
    world.model_plans(RUN, answer="approve 1")
    thread = await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)
    world.model_plans(answer="approve 1")

    await world.alice.says(world.pond, "what would you do?", thread=thread)

    await world.slack.message(world.pond, thread=thread, contains="Approval 1 is still waiting")
    await world.slack.events.settled()
    assert world.approval().status is ApprovalStatus.PENDING
    assert world.runs() == 2
