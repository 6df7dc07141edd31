"""What Slack does to a bot on a bad day, with the whole house behind the adapter: nothing is lost, doubled or left over."""

import asyncio

import pytest

from runtime.errors import ModelUnavailable
from runtime.models.port import ModelRequest, Role
from runtime.states import RunStatus
from tests.fakes.scripted import plans
from tests.fakes.slack import Message, Slack
from tests.stories.plots import RUN
from tests.stories.world import World

AT_ONCE = 1.0


def session_of(slack: Slack, asked: Message) -> str:
    session = slack.session(asked.channel, asked)
    return session.status if session else ""


@pytest.mark.promise(5)
@pytest.mark.mistake(3)
async def test_whatever_people_press_is_acknowledged_at_once_while_the_model_thinks(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    thinking = asyncio.Event()
    world.model.hold(thinking)
    await world.alice.mentions(world.pond, "think for long")

    receipts = [
        await world.bob.slash("/mallard", "pending"),
        await world.bob.shortcut("ask_mallard", card),
        await world.bob.clicks(card, "Show everything"),
        await world.bob.clicks(card, "Deny"),
    ]
    form = await world.slack.until(lambda: world.bob.modal if world.bob.modal and world.bob.modal.inputs else None)
    receipts.append(await world.bob.submits(form, {"Reason": "not now"}))

    assert all(receipt.took is not None and receipt.took < AT_ONCE for receipt in receipts)
    await world.closed(card, saying="Denied by bob")
    thinking.set()


@pytest.mark.mistake(9)
async def test_a_card_that_is_decided_long_after_its_response_urls_died_closes_all_the_same(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.time_passes(hours=40)
    dead = world.slack.fail("response_url", status=404, times=None)

    await world.bob.clicks(card, "Approve")

    await world.closed(card, saying="Approved by bob")
    assert await world.answer() == "Done."
    assert not dead.hits


@pytest.mark.promise(14)
@pytest.mark.mistake(12)
async def test_no_button_carries_what_it_would_run(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")

    card = await world.card()

    values = [control.value for control in card.content.controls]
    assert len(values) == 5
    assert all("echo" not in str(value) and len(str(value)) <= 100 for value in values)


@pytest.mark.promise(29)
@pytest.mark.mistake(22)
async def test_after_slacks_stop_button_a_late_answer_of_the_model_is_not_posted(world: World) -> None:
    may_answer = asyncio.Event()
    world.model_says(plans(answer="Too late."))
    world.model.hold(may_answer)
    asked = await world.alice.mentions(world.pond, "think for long")
    await world.slack.until(lambda: session_of(world.slack, asked) == "processing")

    await world.alice.stops(world.pond, asked)
    await world.run(1, RunStatus.CANCELLED)
    may_answer.set()
    after = await world.alice.mentions(world.pond, "hello")
    await world.slack.message(world.pond, thread=after, contains="Too late.")

    await world.slack.until(lambda: session_of(world.slack, asked) == "active")
    assert not [message for message in world.slack.answers(world.pond, asked) if "Too late." in message.text]
    assert world.slack.status_line(world.pond, asked) == ""
    await world.slack.until(lambda: not any(message.is_streaming for message in world.slack.messages(world.pond)))


@pytest.mark.mistake(22)
async def test_a_stream_that_breaks_in_mid_answer_leaves_the_whole_answer_once(world: World) -> None:
    answer = " ".join(f"word{number}" for number in range(400))
    world.model_says(plans(answer=answer))
    world.slack.fail("chat.appendStream", "message_not_in_streaming_state", times=None)
    world.slack.fail("chat.stopStream", "message_not_in_streaming_state", times=None)

    asked = await world.alice.mentions(world.pond, "tell me")

    await world.answer()
    await world.slack.until(lambda: [m.text for m in world.slack.answers(world.pond, asked)] == [answer])
    await world.slack.until(lambda: session_of(world.slack, asked) == "active")


@pytest.mark.promise(9)
@pytest.mark.mistake(25)
async def test_a_question_that_was_deleted_meanwhile_is_answered_by_dm(world: World) -> None:
    world.model_plans(RUN)
    asked = await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    world.slack.fail("chat.startStream", "thread_not_found", times=None)
    world.slack.fail(
        "chat.postMessage",
        "thread_not_found",
        times=None,
        when=lambda call: call.arguments.get("thread_ts") == asked.ts,
    )

    await world.bob.clicks(card, "Approve")

    await world.slack.message(world.alice.dm, contains="Done.")
    assert world.lines() == ["ran"]


@pytest.mark.mistake(25)
async def test_no_card_stands_as_an_ephemeral_alone(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await world.bob.clicks(card, "Show everything")
    await world.slack.until(lambda: world.bob.modal)

    assert not card.is_ephemeral
    assert "Approve" in card.labels
    assert not world.slack.record.calls_of("chat.postEphemeral")


@pytest.mark.mistake(29)
async def test_a_run_that_fails_leaves_no_sign_of_work_behind(world: World) -> None:
    def away(request: ModelRequest) -> str:
        raise ModelUnavailable("the model is away")

    world.model_says(away)
    asked = await world.alice.mentions(world.pond, "hello")

    for _ in range(30):
        if (await world.run(1, RunStatus.QUEUED, RunStatus.FAILED)).status is RunStatus.FAILED:
            break
        await world.time_passes(minutes=1)

    await world.run(1, RunStatus.FAILED)
    await world.slack.until(lambda: session_of(world.slack, asked) == "active")
    await world.slack.until(lambda: world.slack.status_line(world.pond, asked) == "")


@pytest.mark.mistake(29)
async def test_while_a_card_waits_nothing_looks_busy(world: World) -> None:
    world.model_plans(RUN)
    asked = await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.slack.until(lambda: session_of(world.slack, asked) == "suspended")
    assert world.slack.status_line(world.pond, asked) == ""

    await world.bob.clicks(card, "Approve")

    await world.slack.until(lambda: session_of(world.slack, asked) == "active")


@pytest.mark.mistake(31)
async def test_a_file_that_comes_with_a_message_is_read_and_one_that_cannot_be_is_told_of(world: World) -> None:
    files = {"note.txt": b"The pond has seven ducks.", "duck.png": b"\x89PNG\r\n\x1a\n\0\0"}

    asked = await world.alice.dms("what is in these?", files=files)

    await world.slack.message(world.alice.dm, thread=asked, contains="Done.")
    (seen,) = [request for request in world.model.requests if request.role is Role.ACTION]
    text = "\n".join(message.text for message in seen.messages)
    assert "The pond has seven ducks." in text
    assert "duck.png was not read: it is not text" in text


@pytest.mark.mistake(32)
async def test_an_uninstalled_app_stops_its_work_and_keeps_the_trail(world: World) -> None:
    world.model_plans(RUN)
    asked = await world.alice.mentions(world.pond, "run it")
    await world.card()
    await world.slack.until(lambda: session_of(world.slack, asked) == "suspended")
    await world.slack.events.settled()

    await world.slack.events.tell([{"type": "app_uninstalled"}])
    await world.slack.events.settled()
    calls = len(world.slack.record.calls)
    await world.presses(world.ref(world.bob), "approve")

    assert await world.answer() == "Done."
    assert [event.type for event in world.events()][-1] == "run_completed"
    assert len(world.slack.record.calls) == calls
