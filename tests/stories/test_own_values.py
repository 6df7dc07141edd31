"""Values of our own settings, and of files: seen by nobody and nothing."""

import json
from collections.abc import Callable

import pytest

from runtime.models.client import open_model
from runtime.models.endpoint import Endpoint
from runtime.models.port import Role
from runtime.states import RunStatus
from tests.fakes.model import Received, ScriptedEndpoint
from tests.fakes.replies import Refuse, Reply, Say
from tests.fakes.scripted import call, directive
from tests.runtime.masking.samples import SECRETS
from tests.stories.conftest import OpenWorld
from tests.stories.sightings import holds
from tests.stories.test_secrets import TOKEN

OURS = "house-key-0042-zx91kq7vb3"
NAME = "MALLARD_MODEL_API_KEY"


@pytest.mark.parametrize(
    "hidden", [str, lambda value: value.encode().hex(), lambda value: json.dumps({"a": [value]})], ids=["plain", "hex", "json"]
)  # fmt: skip
async def test_a_call_with_a_value_of_our_own_settings_is_refused_and_appears_nowhere(
    world_with: OpenWorld, hidden: Callable[[str], str]
) -> None:
    async with world_with(**{NAME: OURS}) as world:
        world.model_plans(
            directive(
                call("shell_exec_safe", command=f"sh -c 'echo {hidden(OURS)} > ran.txt'", reason=f"To send {OURS}.")
            ),
            answer=f"I tried {OURS}.",
        )
        await world.alice.mentions(world.pond, "send it")

        run = await world.run(1, RunStatus.COMPLETED)
        await world.slack.message(world.pond, contains="I tried")

        denial = run.steps[0].calls[0].denial
        assert denial is not None
        assert denial.by == "policy"
        assert f"the value of {NAME}" in denial.reason
        assert not (world.files / "ran.txt").exists()
        assert holds(world, OURS) == holds(world, hidden(OURS)) == []
        for path in world.store.database.path.parent.glob("mallard.db*"):
            if path.is_file():
                assert OURS.encode() not in path.read_bytes()


async def test_everybody_sees_a_value_of_our_own_settings_as_dots_even_who_may_decide(world_with: OpenWorld) -> None:
    async with world_with() as world:
        world.model_plans(directive(call("shell_exec_safe", command=f"sh -c 'echo {OURS}'")))
        await world.alice.mentions(world.pond, "run it")
        card = await world.card()
        await world.run(1, RunStatus.WAITING)

        world.changes[NAME] = OURS  # it becomes ours while the card waits
        await world.restart()
        await world.bob.clicks(card, "Show everything")
        modal = await world.slack.until(lambda: world.bob.modal)
        assert f"value of {NAME}" in modal.text
        assert OURS not in modal.text

        await world.bob.clicks(card, "Approve")
        run = await world.run(1, RunStatus.COMPLETED)
        observation = run.steps[0].calls[0].observation
        assert observation is not None
        assert observation.error == "refused"
        assert "Nothing was run" in observation.text


@pytest.mark.parametrize("secret", [TOKEN, OURS, SECRETS["private key"]], ids=["shape", "ours", "private key"])
@pytest.mark.parametrize("piece", [1, 7])
async def test_what_a_file_holds_reaches_neither_the_model_nor_people(
    world_with: OpenWorld, secret: str, piece: int
) -> None:
    """With a model behind HTTP that repeats the secret, in pieces, whatever it was shown."""
    read = directive(call("read_file", path=".settings"), thought=f"I look for {secret}.")

    def reply(received: Received) -> Reply:
        if "planner" not in received.body["messages"][0]["content"]:
            return Say(text=f"The file says {secret} and nothing else.", thinking=f"so it is {secret}", piece=piece)
        return Say(text=directive() if "output of call" in json.dumps(received.body) else read)

    async with ScriptedEndpoint(reply) as endpoint:
        ends = dict.fromkeys(Role, Endpoint(base_url=endpoint.base_url, model="m", api_key=OURS))
        async with open_model(ends) as model, world_with(**{NAME: OURS}) as world:
            world.mind = model
            await world.restart()
            (world.files / ".settings").write_text(f"A={secret}\n")
            await world.alice.mentions(world.pond, "what is in it?")
            await world.run(1, RunStatus.COMPLETED)
            await world.slack.message(world.pond, contains="and nothing else.")

            asked = [json.dumps(each.body["messages"], ensure_ascii=False) for each in endpoint.received]
            assert any("•••••••" in text for text in asked)
            for part in secret.splitlines():
                assert holds(world, part) == [text for text in asked if part in text] == []


async def test_an_endpoint_that_repeats_a_secret_in_its_refusal_does_not_give_it_away(world_with: OpenWorld) -> None:
    refusal = Refuse(status=401, message=f"Incorrect API key provided: {OURS}")
    async with ScriptedEndpoint(lambda received: refusal) as endpoint:
        ends = dict.fromkeys(Role, Endpoint(base_url=endpoint.base_url, model="m", api_key="another-key-0099"))
        async with open_model(ends) as model, world_with(**{NAME: OURS}) as world:
            world.mind = model
            await world.restart()
            await world.alice.mentions(world.pond, "hello")
            run = await world.run(1, RunStatus.FAILED)
            await world.slack.message(world.pond, contains="could not finish")
            assert f"••••••• value of {NAME}" in run.failure
            assert holds(world, OURS) == []
