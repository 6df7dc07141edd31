"""Whoever asked for a change never gets the very same call unasked, and never without being told that it is the same."""

from pathlib import Path

import pytest

from runtime.contents import Card
from runtime.records import Risk
from runtime.rules import Rule, Then
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.bell import Bell
from tests.runtime.stage import BOB, POND, Stage, at_work, open_stage

RING = directive(call("bell"))


class Gate(Bell):
    name = "gate"


async def change(stage: Stage, number: int, words: str) -> None:
    token = next(button.token for button in (await stage.store_card(number)).buttons if button.verb == "change")
    await stage.door.click(token, by=BOB, by_name="Bob", where=POND, comment=words)


async def next_card(stage: Stage, number: int) -> Card:
    await stage.until(lambda: stage.store.find_approval(number))  # type: ignore[arg-type]  # a number is what tests count by
    return await stage.store_card(number)


@pytest.mark.promise(21)
async def test_a_call_that_a_person_wanted_changed_is_asked_again_although_a_rule_allows_it_by_now(
    tmp_path: Path,
) -> None:
    bell = Bell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        stage.says = plans(RING, RING)
        await stage.says_to_mallard("ring it")
        await stage.run(1, RunStatus.WAITING)

    rules = (Rule(then=Then.RUN, tools=("bell",)),)
    async with open_stage(tmp_path, tools=[bell], rules=rules) as stage, at_work(stage):
        stage.says = plans(RING, RING)
        await change(stage, 1, "more softly")
        card = await next_card(stage, 2)

        assert bell.rang == 0
        assert "A person wanted this very call changed, and it is the same again." in card.why_asked
        assert "always" not in [button.verb for button in card.buttons]
        await stage.press("approve", 2)
        await stage.run(1, RunStatus.COMPLETED)
        assert bell.rang == 1


@pytest.mark.promise(21)
async def test_nor_does_a_standing_approval_that_was_given_meanwhile_let_it_run(tmp_path: Path) -> None:
    bell = Bell(Risk.HIGH)
    async with open_stage(tmp_path, tools=[bell]) as stage, at_work(stage):
        stage.says = plans(RING, RING)
        await stage.says_to_mallard("ring it")
        await stage.run(1, RunStatus.WAITING)
        stage.says = plans(RING)
        await stage.says_to_mallard("ring it as well")
        await stage.run(2, RunStatus.WAITING)
        await stage.press("always", 2)
        await stage.run(2, RunStatus.COMPLETED)
        stage.says = plans(RING, RING)

        await change(stage, 1, "more softly")

        await next_card(stage, 3)
        await stage.run(1, RunStatus.WAITING)
        assert bell.rang == 1


async def test_another_call_than_the_one_that_was_to_be_changed_asks_as_ever(tmp_path: Path) -> None:
    bell = Bell(Risk.LOW)
    async with open_stage(tmp_path, tools=[bell, Gate(Risk.HIGH)]) as stage, at_work(stage):
        stage.says = plans(directive(call("gate")), RING)
        await stage.says_to_mallard("open up")
        await stage.run(1, RunStatus.WAITING)

        await change(stage, 1, "ring first")

        await stage.run(1, RunStatus.COMPLETED)
        assert bell.rang == 1


async def test_what_changed_under_it_is_asked_anew_and_still_said_to_be_the_same_call(tmp_path: Path) -> None:
    write = directive(call("write_file", path="a.txt", content="quack\n"))
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(write, write)
        await stage.says_to_mallard("write it")
        await stage.run(1, RunStatus.WAITING)
        await change(stage, 1, "more softly")
        await next_card(stage, 2)
        await stage.run(1, RunStatus.WAITING)
        (stage.folder / "a.txt").write_text("somebody else's\n")

        await stage.press("approve", 2)

        card = await next_card(stage, 3)
        assert card.why_asked.startswith("A person wanted this very call changed, and it is the same again.")
        assert (stage.folder / "a.txt").read_text() == "somebody else's\n"
