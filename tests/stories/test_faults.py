"""Promises 33 and 36: stopping gracefully, and models that fail in every way."""

import asyncio
from functools import partial

import pytest

from runtime.errors import ModelUnavailable
from runtime.models.port import ModelRequest, Role
from runtime.states import RunStatus
from tests.fakes.scripted import Spoken, call, directive, plans
from tests.stories.conftest import OpenWorld
from tests.stories.world import World


def _failed_calls(world: World, count: int) -> bool:
    return len(world.events_of("model_call_finished")) == count


@pytest.mark.promise(36)
async def test_a_model_that_is_away_is_waited_for(world: World) -> None:
    answers: list[Spoken] = [ModelUnavailable("it answers 503"), ModelUnavailable("it timed out")]
    world.model_says(lambda request: answers.pop(0) if answers else plans()(request))
    asked = await world.alice.mentions(world.pond, "hello")
    for failures in (1, 2):
        await world.until(partial(_failed_calls, world, failures))
        await world.run(1, RunStatus.QUEUED)
        await world.time_passes(minutes=2)

    await world.slack.message(world.pond, thread=asked, contains="Done.")
    assert [event.body["ok"] for event in world.events_of("model_call_finished") if event.body][:2] == [False, False]


@pytest.mark.promise(36)
async def test_a_model_that_stays_away_ends_the_run_in_words(world: World) -> None:
    world.model_says(lambda request: ModelUnavailable("it answers 503"))
    asked = await world.alice.mentions(world.pond, "hello")
    for _ in range(20):
        await world.run(1, RunStatus.QUEUED, RunStatus.FAILED)
        if world.store.load_run(world.run_id(1)).status is RunStatus.FAILED:
            break
        called = len(world.model.requests)
        await world.time_passes(minutes=2)
        await world.model.until_called(called + 1)

    told = await world.slack.message(world.pond, thread=asked, contains="has not answered for")
    assert "run 1" in told.text
    assert "Traceback" not in told.text


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "I think so.",
        directive(call("no_such")),
        directive(call("shell_exec_safe", command="ls", timeout_s=0)).replace(": 0", f": {'9' * 5_000}"),
    ],
    ids=["nothing", "prose", "no such tool", "a number that Python does not read"],
)
async def test_a_planner_that_makes_no_sense_is_repaired_once_and_then_answered_without_tools(
    world: World, nonsense: str
) -> None:
    def says(request: ModelRequest) -> Spoken:
        return nonsense if request.role is Role.ACTION else "I could not plan that."

    world.model_says(says)

    asked = await world.alice.mentions(world.pond, "hello")

    await world.slack.message(world.pond, thread=asked, contains="I could not plan that.")
    assert world.calls_of(Role.ACTION) == 2
    assert len(world.events_of("action_directive_failed")) == 2


async def test_a_run_that_plans_for_ever_ends_at_the_step_limit_with_an_answer(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_MAX_STEPS="3") as world:
        world.model_says(
            lambda request: directive(call("list_files")) if request.role is Role.ACTION else "As far as I got."
        )

        asked = await world.alice.mentions(world.pond, "never stop")

        await world.slack.message(world.pond, thread=asked, contains="As far as I got.")
        await world.run(1, RunStatus.COMPLETED)
        assert world.calls_of(Role.ACTION) == 3
        assert len(world.events_of("tool_iteration_limit_reached")) == 1


@pytest.mark.promise(33)
async def test_a_graceful_stop_finishes_what_runs_and_answers_clicks_until_the_end(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command="echo ran >> ran.txt")))
    await world.alice.mentions(world.pond, "risky")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    slow = "echo begun >> slow.txt; while [ ! -e go ]; do sleep 0.01; done; echo ended >> slow.txt"
    world.model_plans(directive(call("shell_exec_safe", command=slow)), answer="Just in time.")
    asked = await world.alice.dms("slow")
    await world.run(2, RunStatus.WAITING)
    await world.presses(world.ref(world.bob), "approve", 2)
    await world.until(lambda: world.lines("slow.txt"))

    world.house.stop()
    closing = asyncio.create_task(world.close())
    receipt = await world.bob.clicks(card, "Approve")
    assert receipt.acked
    (world.files / "go").touch()
    await closing

    assert world.lines("slow.txt") == ["begun", "ended"]
    await world.open()
    await world.slack.message(world.alice.dm, thread=asked, contains="Just in time.")
    await world.run(1, RunStatus.COMPLETED)
    assert world.lines("slow.txt") == ["begun", "ended"]
    assert world.lines("ran.txt") == ["ran"]
