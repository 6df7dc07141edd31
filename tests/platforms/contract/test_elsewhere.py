"""Promises 19, 30, 34 and 39: wherever it is decided the answer comes where it was asked, and nothing leaks elsewhere."""

import re

import pytest

from runtime.states import RunStatus
from tests.platforms.contract.beginnings import asked
from tests.platforms.contract.scene import Card, Crowd, Scene
from tests.stories.shell import mallard

OWNER = {"terminal": "whoever sits at the machine owns it: an administrator, who may see all"}


async def answered_where_it_was_asked(scene: Scene, card: Card) -> None:
    await scene.hears("Done.")
    await scene.closed(card, saying="Approved by")
    elsewhere = [words for person in (scene.asker, scene.colleague) for words in scene.private(person)]
    assert not any("Done." in words for words in elsewhere)
    assert scene.answers() == ["Done."]
    assert scene.lines() == ["ran"]


@pytest.mark.promise(19)
async def test_what_is_decided_in_private_is_answered_where_it_was_asked(scene: Scene) -> None:
    card = await asked(scene)

    said = await scene.says_in_private("approve 1", by=scene.colleague)

    assert f"Approved by {scene.colleague.name}" in said
    await answered_where_it_was_asked(scene, card)


@pytest.mark.promise(19)
@pytest.mark.promise(34)
async def test_what_another_process_decides_is_worked_and_answered_by_this_one(scene: Scene) -> None:
    card = await asked(scene)

    said = await mallard(scene, "approvals", "approve", "1")

    assert "Approved by" in said
    await answered_where_it_was_asked(scene, card)
    assert len(scene.events_of("tool_call_started")) == 1


@pytest.mark.promise(39)
async def test_what_ran_and_who_approved_it_is_answered_in_private(scene: Scene) -> None:
    card = await asked(scene)
    await scene.clicks(card, "Approve")
    await scene.run(1, RunStatus.COMPLETED)

    timeline = await scene.says_in_private("run 1")

    assert "shell_exec_safe" in timeline
    approver = scene.approver
    assert re.search(rf"approve by (\S*{approver.name}|{re.escape(str(approver.ref))})", timeline)
    assert "run it" in await scene.says_in_private("history")


@pytest.mark.promise(30, not_on=OWNER)
async def test_a_private_run_is_in_nobody_elses_history(scene: Crowd) -> None:
    await scene.says_in_private("my secret plan")

    assert "my secret plan" in await scene.says_in_private("history")
    assert "my secret plan" not in await scene.says_in_private("history", by=scene.colleague)
    assert "no such run" in await scene.says_in_private("run 1", by=scene.colleague)


@pytest.mark.promise(30, not_on=OWNER)
async def test_a_run_of_a_closed_place_is_seen_by_those_who_are_in_it_now(scene: Crowd) -> None:
    await scene.says_among([scene.colleague], "dig here")
    assert "dig here" in await scene.says_in_private("history", by=scene.colleague)

    scene.leaves(scene.colleague)
    await scene.time_passes(minutes=6)

    assert "dig here" not in await scene.says_in_private("history", by=scene.colleague)
    assert "no such run" in await scene.says_in_private("run 1", by=scene.colleague)


@pytest.mark.promise(30, not_on=OWNER)
async def test_history_asked_in_the_conversation_shows_that_conversation_alone(scene: Crowd) -> None:
    await scene.says_in_private("my secret plan")
    await scene.says("hello")
    await scene.hears("Done.")

    await scene.says("history")

    page = await scene.hears("History")
    assert "hello" in page
    assert "my secret plan" not in page
