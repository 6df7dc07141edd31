"""Promises 27, 28 and 36: answers of any length and content reach people whole and disturb nobody; so does bad news."""

import pytest

from runtime.errors import ModelRefused
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.platforms.contract.scene import Scene

PARAGRAPH = " ".join(["A paragraph of an answer that goes on for a while."] * 12)
CODE = "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(900)) + "\n```"
PINGS = (
    "@everyone @here @channel <!channel> <!here> <!everyone> <@UBOB> <@42> <@&42> <!subteam^S1> "
    "see https://example.org/secret?q=1 \x1b[2J\x1b]52;c;ZXZpbA==\x07 the end"
)


def room(scene: Scene) -> int:
    """The characters that fit in one message."""
    (platform,) = scene.house.platforms.values()
    return platform.limits.text


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_an_answer_longer_than_a_message_comes_in_pieces_that_lose_nothing(scene: Scene) -> None:
    answer = "\n\n".join(f"{number}. {PARAGRAPH}" for number in range(30))
    scene.model_says(plans(answer=answer))

    await scene.says("tell me everything")

    await scene.hears("29. A paragraph")
    said = "\n".join(scene.answers())
    places = [said.index(f"{number}. A paragraph") for number in range(30)]
    assert places == sorted(places)
    assert said.count("A paragraph of an answer") == 30 * 12
    assert (len(scene.answers()) > 1) is (len(answer) > room(scene))


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_code_stays_fenced_in_every_piece(scene: Scene) -> None:
    scene.model_says(plans(answer=f"Here it is:\n\n{CODE}\n\nThat is all."))

    await scene.says("show the code")

    await scene.hears("That is all.")
    pieces = scene.answers()
    assert (len(pieces) > 1) is (len(CODE) > room(scene))
    assert all(piece.count("```") % 2 == 0 for piece in pieces)
    assert all(f"line_{number} = {number}" in "\n".join(pieces) for number in range(900))


@pytest.mark.promise(27)
@pytest.mark.mistake(19)
async def test_a_very_long_answer_can_be_read_whole_and_floods_nobody(scene: Scene) -> None:
    answer = "\n\n".join(f"{number}. {PARAGRAPH}" for number in range(400))
    scene.model_says(plans(answer=answer))

    await scene.says("write a book")

    await scene.run(1, RunStatus.COMPLETED)
    await scene.hears(answer)
    assert len(scene.answers()) <= 3


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@pytest.mark.mistake(18)
async def test_model_and_tool_text_disturbs_nobody(scene: Scene) -> None:
    (scene.files / "note.txt").write_text(PINGS)
    scene.model_plans(directive(call("read_file", PINGS, path="note.txt")), answer=f"{PINGS}\n{PINGS}")

    await scene.says("say it")
    await scene.hears("the end")
    await scene.run(1, RunStatus.COMPLETED)
    await scene.says("run 1")
    await scene.hears("read_file")

    assert scene.disturbances() == []


@pytest.mark.promise(36)
async def test_a_model_that_refuses_is_told_in_words(scene: Scene) -> None:
    scene.model_says(lambda request: ModelRefused("the key was rejected: check MALLARD_MODEL_API_KEY"))

    await scene.says("hello")

    told = await scene.hears("MALLARD_MODEL_API_KEY")
    assert "run 1" in told
    assert "Traceback" not in told
