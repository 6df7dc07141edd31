"""Secrets: used where a person wants them used, and seen by nobody and nothing else."""

import json
import re
from collections.abc import Callable, Iterator

import orjson
import pytest

from runtime.digest import digest_of
from runtime.models.client import open_model
from runtime.models.endpoint import Endpoint
from runtime.models.port import ModelRequest, Part, Role
from runtime.states import RunStatus
from tests.fakes.model import Received, Refuse, Reply, Say, ScriptedEndpoint
from tests.fakes.scripted import call, directive, observed, plans
from tests.runtime.masking.samples import SECRETS
from tests.stories.conftest import OpenWorld
from tests.stories.plots import request_of
from tests.stories.world import World

TOKEN = SECRETS["GitHub"]
OURS = "house-key-0042-zx91kq7vb3"
NAME = "MALLARD_MODEL_API_KEY"
MARK = re.compile("••••••• 40 characters, [0-9a-f]{6}")


def told(world: World, *runs: int) -> Iterator[str]:
    """Everything that left: what was recorded, what Slack was sent, what the model was asked."""
    for number in runs or (1,):
        yield from (orjson.dumps(event.body).decode() for event in world.events(number))
        run = world.store.load_run(world.run_id(number))
        yield from (step.text for step in run.steps)
        for each in (one for step in run.steps for one in step.calls):
            yield each.reason
            yield orjson.dumps(each.observation).decode()
        yield f"{run.answer} {run.failure}"
    yield from (json.dumps(dict(sent.arguments), ensure_ascii=False) for sent in world.slack.record.calls)
    yield from (message.text for request in world.model.requests for message in request.messages)


def holds(world: World, secret: str, *runs: int) -> list[str]:
    return [text for text in told(world, *runs) if secret in text]


def writes_what_it_was_shown(request: ModelRequest) -> str:
    """Copies the mark of the request into a file."""
    if request.role is not Role.ACTION:
        return "It stands in token.txt now."
    if observed(request):
        return directive()
    (mark,) = MARK.findall(request_of(request))
    return directive(call("write_file", path="token.txt", content=f"TOKEN={mark}\n", reason=f"To keep {mark}."))


async def test_a_secret_of_a_request_is_used_as_it_is_and_shown_to_nobody(world: World) -> None:
    world.model_says(writes_what_it_was_shown)
    await world.alice.mentions(world.pond, f"keep {TOKEN} in token.txt")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)
    assert MARK.search(card.text)

    await world.bob.clicks(card, "Approve")
    await world.run(1, RunStatus.COMPLETED)
    await world.slack.message(world.pond, contains="It stands in token.txt now.")

    assert world.lines("token.txt") == [f"TOKEN={TOKEN}"]
    assert holds(world, TOKEN) == []
    (done,) = world.store.load_run(world.run_id(1)).steps[0].calls
    assert done.arguments["content"] == f"TOKEN={TOKEN}\n"
    run = world.store.load_run(world.run_id(1))
    assert done.digest == digest_of(done.tool, done.version, done.arguments, run.workspace)


async def test_a_secret_that_is_given_as_a_change_is_used_as_well(world: World) -> None:
    def corrects(request: ModelRequest) -> str:
        marks = [mark for message in request.messages for mark in MARK.findall(message.text)]
        if request.role is not Role.ACTION or observed(request) > 1:
            return "Done." if request.role is not Role.ACTION else directive()
        return directive(call("write_file", path="token.txt", content=f"{marks[-1] if marks else 'nothing'}\n"))

    world.model_says(corrects)
    await world.alice.mentions(world.pond, "keep my token")
    await world.card(1)
    await world.presses(world.ref(world.bob), "change", 1, comment=f"it is {TOKEN}")
    await world.bob.clicks(await world.card(2), "Approve")
    await world.run(1, RunStatus.COMPLETED)

    assert world.lines("token.txt") == [TOKEN]
    assert [text for text in holds(world, TOKEN) if "asked for changes" not in text] == []


async def test_a_harmless_call_with_a_secret_of_the_request_asks(world: World) -> None:
    (world.files / "notes.txt").write_text("quack")
    world.model_says(
        lambda request: (
            "Done."
            if request.role is not Role.ACTION
            else directive(call("search_files", text=MARK.findall(request_of(request))[0]))
        )
    )
    await world.alice.mentions(world.pond, f"look for {TOKEN}")

    card = await world.card()

    assert "uses a secret out of the request" in card.text
    assert holds(world, TOKEN) == []


async def test_a_mark_that_nothing_stands_behind_is_no_argument(world: World) -> None:
    (world.files / "old.txt").write_text(f"TOKEN={TOKEN}\n")

    def copies(request: ModelRequest) -> str:
        read = [message.text for message in request.messages if message.part is Part.OBSERVATION]
        if request.role is not Role.ACTION or len(read) > 1:
            return "Done." if request.role is not Role.ACTION else directive()
        if not read:
            return directive(call("read_file", path="old.txt"))
        return directive(call("write_file", path="new.txt", content=MARK.findall(read[0])[0]))

    world.model_says(copies)
    await world.alice.mentions(world.pond, "copy it")

    run = await world.run(1, RunStatus.COMPLETED)
    refused = run.steps[1].calls[0]
    assert refused.denial is not None
    assert "dots that stand in the place of a secret" in refused.denial.reason
    assert not (world.files / "new.txt").exists()
    assert holds(world, TOKEN) == []


async def test_a_card_that_is_opened_from_a_list_is_masked_until_everything_is_asked_for(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command=f"echo {TOKEN} > token.txt")))
    await world.alice.mentions(world.pond, "run it")
    await world.card()

    await world.bob.opens_home()
    await world.slack.until(lambda: world.bob.home and "approval 1" in world.bob.home.text)
    assert world.bob.home is not None
    await world.bob.clicks(world.bob.home, "Open")
    opened = await world.slack.until(lambda: world.bob.modal)
    assert MARK.search(opened.text)
    assert holds(world, TOKEN) == []

    await world.bob.clicks(opened, "Show everything")
    await world.slack.until(lambda: world.bob.modal and f"echo {TOKEN} > token.txt" in world.bob.modal.text)


async def test_show_everything_shows_a_masked_argument_to_who_may_decide_alone(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command=f"sh -c 'echo {TOKEN} > token.txt'")))
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    assert MARK.search(card.text)
    assert holds(world, TOKEN) == []

    await world.alice.clicks(card, "Show everything")
    hers = await world.slack.until(lambda: world.alice.modal)
    assert MARK.search(hers.text)
    assert holds(world, TOKEN) == []

    await world.bob.clicks(card, "Show everything")
    his = await world.slack.until(lambda: world.bob.modal)
    assert f"echo {TOKEN} > token.txt" in his.text

    await world.bob.clicks(card, "Approve")
    await world.closed(card, saying="Approved by bob")
    assert MARK.search(card.text)
    await world.run(1, RunStatus.COMPLETED)
    assert world.lines("token.txt") == [TOKEN]
    calls = world.slack.record.calls
    assert {sent.method for sent in calls if TOKEN in json.dumps(dict(sent.arguments))} == {"views.open"}


async def test_what_is_allowed_for_good_is_listed_without_its_secret(world: World) -> None:
    world.model_plans(directive(call("shell_exec_safe", command=f"sh -c 'echo {TOKEN} > token.txt'")))
    await world.alice.mentions(world.pond, "run it")
    await world.bob.clicks(await world.card(), "Always allow")
    await world.run(1, RunStatus.COMPLETED)

    (grant,) = await world.store.list_grants()

    assert MARK.search(grant.shown)
    assert holds(world, TOKEN) == []
    await world.alice.mentions(world.pond, "run it again")
    assert (await world.run(2, RunStatus.COMPLETED)).steps[0].calls[0].digest == grant.digest


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
            assert "•••••••" in asked[-1]
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


async def test_histories_and_timelines_show_no_secret(world: World) -> None:
    world.model_plans(answer="Done.")
    for request in (f"keep {TOKEN}", f"{'x ' * 53}{TOKEN}", f"{'y ' * 140}{TOKEN}"):
        asked = await world.alice.dms(request)
        await world.slack.message(world.alice.dm, thread=asked, contains="Done.")
    for words, title in (("history", "History"), ("run 1", "Run 1"), ("run 2", "Run 2")):
        asked = await world.alice.dms(words)
        await world.slack.message(world.alice.dm, thread=asked, contains=title)

    assert holds(world, TOKEN, 1, 2, 3) == holds(world, TOKEN[:12], 1, 2, 3) == []


async def test_an_earlier_request_is_shown_to_the_model_with_marks(world: World) -> None:
    world.model_says(plans(answer=f"I will not forget {TOKEN}."))
    asked = await world.alice.mentions(world.pond, f"remember {TOKEN}")
    await world.slack.message(world.pond, thread=asked, contains="I will not forget")
    await world.alice.mentions(world.pond, "and again", thread=asked)
    await world.run(2, RunStatus.COMPLETED)

    history = [m.text for request in world.model.requests for m in request.messages if m.part is Part.HISTORY]
    assert any(MARK.search(text) for text in history)
    assert holds(world, TOKEN, 1, 2) == []
