"""What people said yes to of a skill: the last yes counts, in its own place, and stays with who gave it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.memory.records import MemoryId, MemoryScope, MemoryType, NewMemory, Place
from runtime.signals import Signals
from runtime.skills.records import Skill
from storage.store import Store
from tests.storage.desk import ALICE, BOB, DAWN, Clock, intake, message

DEPLOY = Skill(
    name="deploy",
    description="How.",
    place="/srv/skills",
    manual="one",
    files={"SKILL.md": "aa"},
    digest="a1" * 32,
    size=3,
)
CHANGED = replace(DEPLOY, manual="two", digest="b2" * 32)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(tmp_path / "mallard.db", Signals(), Clock()) as opened:
        yield opened


async def say_yes(store: Store, skill: Skill, by: object = ALICE, later: int = 0) -> None:
    await store.record_skill_approval(skill, skill.manual, DAWN + timedelta(hours=later), by=by)  # type: ignore[arg-type]


async def test_nothing_is_approved_before_somebody_says_so(store: Store) -> None:
    assert store.find_skill_approval("/srv/skills", "deploy") is None
    assert store.list_approved_digests("/srv/skills", ["deploy"]) == {}


async def test_a_yes_is_found_with_what_it_was_about(store: Store) -> None:
    await say_yes(store, DEPLOY)

    found = store.find_skill_approval("/srv/skills", "deploy")

    assert found is not None
    assert (found.digest, found.manual, found.files) == (DEPLOY.digest, "one", {"SKILL.md": "aa"})
    assert (found.approved_by, found.approved_at) == (ALICE, DAWN)
    assert store.find_skill_approval("/srv/other", "deploy") is None
    assert store.list_approved_digests("/srv/skills", ["deploy", "other"]) == {"deploy": DEPLOY.digest}


async def test_the_last_yes_counts_and_going_back_needs_another(store: Store) -> None:
    await say_yes(store, DEPLOY)
    await say_yes(store, CHANGED, later=1)
    assert store.list_approved_digests("/srv/skills", ["deploy"]) == {"deploy": CHANGED.digest}

    await say_yes(store, DEPLOY, BOB, later=2)

    found = store.find_skill_approval("/srv/skills", "deploy")
    assert found is not None
    assert (found.digest, found.approved_by) == (DEPLOY.digest, BOB)


async def test_what_counts_already_stays_with_who_said_so_first(store: Store) -> None:
    await say_yes(store, DEPLOY)
    await say_yes(store, DEPLOY, BOB, later=1)

    found = store.find_skill_approval("/srv/skills", "deploy")
    assert found is not None
    assert (found.approved_by, found.approved_at) == (ALICE, DAWN)


async def test_it_is_counted_how_many_runs_taught_a_lesson(store: Store) -> None:
    lessons = [await store.remember(lesson(text), DAWN) for text in ("Look before you leap", "Ask first")]
    for number in range(3):
        await teach(store, number, lessons[0].id)

    assert store.count_runs_taught([each.id for each in lessons]) == {lessons[0].id: 3}
    assert store.count_runs_taught([]) == {}


def lesson(text: str) -> NewMemory:
    team = Place(MemoryScope.TEAM)
    return NewMemory(text=text, place=team, type=MemoryType.LESSON, importance=0.5, said_by=ALICE)


async def teach(store: Store, number: int, lesson_id: MemoryId) -> None:
    received = await store.receive(intake(message(f"m{number}")), DAWN, claim=False)
    assert received.run is not None
    row = (received.run.id, lesson_id)
    await store.database.write(lambda tx: tx.execute(TAUGHT, row))


TAUGHT = "INSERT INTO experiences VALUES (?, ?, 1, '', '', '', 1.0, 0)"
