"""Secrets: used where a person wants them used, and seen by nobody and nothing else."""

import json
import re

from runtime.digest import digest_of
from runtime.models.embedded import EmbeddedModel
from runtime.models.port import ModelRequest, Part, Role
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, observed, plans
from tests.runtime.masking.samples import SECRETS
from tests.stories.plots import request_of
from tests.stories.sightings import holds
from tests.stories.world import World

TOKEN = SECRETS["GitHub"]
MARK = re.compile("••••••• 40 characters, [0-9a-f]{6}")


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


async def test_a_secret_behind_the_slash_command_is_asked_for_as_it_is_and_shown_to_nobody(world: World) -> None:
    await world.alice.slash("/mallard", f"keep {TOKEN} for me", where=world.pond)

    shown = await world.slack.message(world.alice.dm, contains="You asked: keep •••••••")
    await world.slack.message(world.alice.dm, thread=shown, contains="Done.")
    assert world.store.load_run(world.run_id(1)).request == f"keep {TOKEN} for me"
    assert holds(world, TOKEN) == []


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


async def test_a_secret_in_a_call_that_is_proposed_again_is_still_named_and_shown_to_nobody(world: World) -> None:
    await world.close()
    world.mind = EmbeddedModel()
    await world.open()
    await world.alice.mentions(world.pond, f"write token.txt: {TOKEN}")
    assert "uses a secret out of the request" in (await world.card(1)).text

    await world.presses(world.ref(world.bob), "change", 1, comment="somewhere else")

    again = await world.card(2)
    assert "the same again" in again.text
    assert "uses a secret out of the request" in again.text
    assert holds(world, TOKEN) == []
    await world.bob.clicks(again, "Approve")
    await world.run(1, RunStatus.COMPLETED)
    assert world.lines("token.txt") == [TOKEN]
    assert holds(world, TOKEN) == []


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
    asked = await world.alice.mentions(world.pond, f"keep {TOKEN} in mind")
    await world.slack.message(world.pond, thread=asked, contains="I will not forget")
    await world.alice.mentions(world.pond, "and again", thread=asked)
    await world.run(2, RunStatus.COMPLETED)

    history = [m.text for request in world.model.requests for m in request.messages if m.part is Part.HISTORY]
    assert any(MARK.search(text) for text in history)
    assert holds(world, TOKEN, 1, 2) == []
