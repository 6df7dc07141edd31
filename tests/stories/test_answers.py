"""What is chosen in a conversation shows in its answers."""

from runtime.models.port import Role
from runtime.records import Reasoning
from tests.stories.world import World

PARAGRAPH = " ".join(["A paragraph of an answer that goes on for a while."] * 12)
CODE = "```python\n" + "\n".join(f"line_{number} = {number}" for number in range(900)) + "\n```"
PINGS = (
    "@everyone @here @channel <!channel> <!here> <!everyone> <@UBOB> <!subteam^S1> see https://example.org/secret?q=1"
)


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
    for_people = [request for request in world.model.requests if request.role in (Role.ACTION, Role.THINKER)]
    assert {request.reasoning for request in for_people} == {Reasoning.OFF}
