"""Promises 27 and 28: answers of any length and content reach people whole, and ping nobody."""

import pytest

from runtime.records import Reasoning
from runtime.states import RunStatus
from tests.fakes.scripted import plans
from tests.stories.world import World

PARAGRAPH = " ".join(["A paragraph of an answer that goes on for a while."] * 12)
CODE = "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(900)) + "\n```"
PINGS = (
    "@everyone @here @channel <!channel> <!here> <!everyone> <@UBOB> <!subteam^S1> see https://example.org/secret?q=1"
)


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_an_answer_longer_than_a_message_comes_in_pieces_that_lose_nothing(world: World) -> None:
    paragraphs = [f"{number}. {PARAGRAPH}" for number in range(40)]
    world.model_says(plans(answer="\n\n".join(paragraphs)))

    asked = await world.alice.mentions(world.pond, "tell me everything")

    await world.slack.message(world.pond, thread=asked, contains="39. A paragraph")
    said = "\n".join(message.text for message in world.slack.answers(world.pond, asked))
    places = [said.index(f"{number}. A paragraph") for number in range(40)]
    assert places == sorted(places)
    assert said.count("A paragraph of an answer") == 40 * 12


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_code_stays_fenced_in_every_piece(world: World) -> None:
    world.model_says(plans(answer=f"Here it is:\n\n{CODE}\n\nThat is all."))

    asked = await world.alice.mentions(world.pond, "show the code")

    await world.slack.message(world.pond, thread=asked, contains="That is all.")
    pieces = [message.text for message in world.slack.answers(world.pond, asked)]
    assert len(pieces) > 1
    assert all(piece.count("```") % 2 == 0 for piece in pieces)
    assert all(f"line_{number} = {number}" in "\n".join(pieces) for number in range(900))


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_a_very_long_answer_becomes_a_file(world: World) -> None:
    answer = "\n\n".join(f"{number}. {PARAGRAPH}" for number in range(400))
    world.model_says(plans(answer=answer))

    asked = await world.alice.mentions(world.pond, "write a book")

    await world.run(1, RunStatus.COMPLETED)
    with_file = await world.slack.until(
        lambda: next((said for said in world.slack.answers(world.pond, asked) if said.files), None)
    )
    assert with_file.files[0].content == answer.encode()
    assert len(world.slack.answers(world.pond, asked)) <= 3


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@pytest.mark.mistake(18)
async def test_model_and_tool_text_pings_nobody_and_unfurls_nothing(world: World) -> None:
    (world.files / "note.txt").write_text(PINGS)
    world.model_says(plans(answer=PINGS))

    asked = await world.alice.mentions(world.pond, "say it")

    await world.slack.message(world.pond, thread=asked, contains="example.org")
    await world.run(1, RunStatus.COMPLETED)
    assert [message.pings for message in world.slack.answers(world.pond, asked) if message.pings] == []
    world.slack.check_clean()


async def test_the_timeline_is_posted_when_a_debugged_run_ends(world: World) -> None:
    asked = await world.alice.mentions(world.pond, "options debug on")
    await world.slack.message(world.pond, thread=asked, contains="debug is on now")

    await world.alice.mentions(world.pond, "hello", thread=asked)

    timeline = await world.slack.message(world.pond, thread=asked, contains="the run is completed")
    assert "the thinker model (scripted) answered" in timeline.text


async def test_reasoning_that_was_chosen_in_a_conversation_reaches_the_model(world: World) -> None:
    asked = await world.alice.mentions(world.pond, "options reasoning off")
    await world.slack.message(world.pond, thread=asked, contains="reasoning is off now")

    await world.alice.mentions(world.pond, "hello", thread=asked)

    await world.slack.message(world.pond, thread=asked, contains="Done.")
    assert {request.reasoning for request in world.model.requests} == {Reasoning.OFF}
