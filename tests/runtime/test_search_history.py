"""Promise 30: a person's history is searched for that person alone, by all their accounts, and where only they read it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from runtime import link_facts
from runtime.records import ConversationRef, UserRef
from runtime.states import RunStatus
from storage.events import erase_payloads
from tests.fakes.scripted import call, directive, observed
from tests.runtime.masking.samples import SECRETS
from tests.runtime.stage import ALICE, BOB, NOON, POND, Stage, at_work, open_stage

TOKEN = SECRETS["GitHub"]
ALICE_TOO = UserRef(platform="discord", id="A2")
HOME = ConversationRef(platform="slack", space="T1", channel="D-UALICE")
LAKE = ConversationRef(platform="slack", space="T1", channel="C2", thread="5.1")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened, at_work(opened):
        yield opened


async def tell(stage: Stage, text: str, *, answer: str = "Done.", **changes: Any) -> None:
    """One finished run."""
    stage.says = lambda request: directive() if request.role == "action" else answer
    await stage.says_to_mallard(text, **changes)
    number = len(stage.store.database.read_rows("SELECT id FROM runs"))
    await stage.run(number, RunStatus.COMPLETED)


async def search(stage: Stage, *, by: UserRef = ALICE, where: ConversationRef = HOME, **arguments: Any) -> str:
    """What the tool found for somebody who asks: in private, unless it is somewhere else."""
    asks = directive(call("search_history", **arguments))
    stage.says = lambda request: "Done." if request.role != "action" else directive() if observed(request) else asks
    await stage.says_to_mallard("look for it", by=by, where=where, direct=where == HOME)
    number = len(stage.store.database.read_rows("SELECT id FROM runs"))
    run = await stage.run(number, RunStatus.COMPLETED)
    observation = run.steps[0].calls[0].observation
    assert observation is not None
    assert observation.ok, observation.text
    return observation.text


async def test_all_words_must_occur_in_what_was_asked_or_answered(stage: Stage) -> None:
    await tell(stage, "Where do ÄNTEN sleep?", answer="In the reeds, by the pond.")
    await tell(stage, "Where do geese sleep?")

    assert "run 1 · completed" in (found := await search(stage, words="REEDS änten"))
    assert "asked: Where do ÄNTEN sleep?\nanswer: In the reeds, by the pond." in found
    assert "run 2" not in found
    assert "No earlier run was found." in await search(stage, words="swans")
    assert "No earlier run was found." in await search(stage, words="100%_")


@pytest.mark.promise(30)
async def test_nobody_finds_anothers_runs_not_even_in_the_same_conversation(stage: Stage) -> None:
    await tell(stage, "my secret duck", by=BOB)
    await tell(stage, "our duck", by=BOB, where=HOME, direct=True)

    assert "No earlier run" in await search(stage, words="duck")
    assert "No earlier run" in await search(stage, words="duck", where=POND)


@pytest.mark.promise(30)
async def test_what_was_asked_elsewhere_is_not_told_where_others_read(stage: Stage) -> None:
    await tell(stage, "duck at home", where=HOME, direct=True)
    await tell(stage, "duck at the lake", where=LAKE)
    await tell(stage, "duck at the pond")

    here = await search(stage, words="duck", where=POND)
    private = await search(stage, words="duck at")

    assert "duck at the pond" in here
    assert "home" not in here
    assert "lake" not in here
    assert "in a direct message all are" in here
    assert all(f"duck at {place}" in private for place in ("home", "the lake", "the pond"))


@pytest.mark.promise(30)
async def test_a_person_finds_what_they_asked_by_another_account_until_it_is_theirs_no_more(stage: Stage) -> None:
    await tell(stage, "duck from the other side")
    await stage.store.database.write(
        lambda tx: tx.execute("UPDATE runs SET asked_by = ? WHERE id = 1", (str(ALICE_TOO),))
    )
    before = await search(stage, words="duck from")

    await people(stage, link_facts.accounts_linked(ALICE, ALICE_TOO, by=BOB))
    linked = await search(stage, words="duck from")
    await people(stage, link_facts.account_unlinked(ALICE_TOO, by=BOB))
    after = await search(stage, words="duck from")

    assert "No earlier run" in before
    assert "duck from the other side" in linked
    assert "No earlier run" in after


@pytest.mark.promise(39)
@pytest.mark.parametrize("before", [1, 115, 130, 150, 290, 310])
async def test_a_secret_in_an_earlier_request_is_masked_before_it_is_cut(stage: Stage, before: int) -> None:
    """The cut stands at every place of it: in front of what is shown, and behind."""
    await tell(stage, f"{'a' * before} {TOKEN} {'b' * 120} duck {'c' * before} {TOKEN}")

    found = await search(stage, words="duck")

    assert "duck" in found
    assert not any(TOKEN[at : at + 8] in found for at in range(len(TOKEN) - 8))


async def test_pages_follow_each_other_and_miss_nothing(stage: Stage) -> None:
    for number in range(1, 6):
        await tell(stage, f"duck {number}")

    first = await search(stage, words="duck", count=2)
    second = await search(stage, words="duck", count=2, before=4)
    last = await search(stage, words="duck", count=2, before=2)

    assert [f"duck {n}" in first for n in range(1, 6)] == [False, False, False, True, True]
    assert first.endswith("[there are more: before=4]")
    assert [f"duck {n}" in second for n in range(1, 6)] == [False, True, True, False, False]
    assert "duck 1" in last
    assert "there are more" not in last


@pytest.mark.promise(38)
async def test_what_was_forgotten_is_not_found(stage: Stage) -> None:
    await tell(stage, "duck to forget")
    await tell(stage, "duck to keep")

    await stage.store.database.write(lambda tx: erase_payloads(tx, 1, [1], stage.clock.now()))

    found = await search(stage, words="duck to")
    assert "duck to keep" in found
    assert "duck to forget" not in found


async def people(stage: Stage, fact: link_facts.LinkFact) -> None:
    await stage.store.record_people((fact,), (), NOON, as_of=stage.store.who_is_who.as_of)
