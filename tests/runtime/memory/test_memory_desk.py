"""What people ask to be remembered: kept for whom they say, shown to nobody else, and forgotten when they say so."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from runtime.contents import Page
from runtime.memory.records import MemoryId, MemoryScope, MemoryType, NewMemory, Place
from runtime.records import ConversationRef, UserRef
from tests.runtime.stage import ALICE, BOB, MALLORY, NOON, POND, Roles, Stage, at_work, open_stage
from tests.storage.memory.leftovers import find_leftovers

HOME = ConversationRef(platform="slack", space="T1", channel="D-ALICE")
ROLES = Roles(users=frozenset({ALICE, MALLORY}), approvers=frozenset({BOB}))


async def tell(stage: Stage, text: str, *, by: UserRef = ALICE, where: ConversationRef = POND) -> Page:
    """The page that a command is answered with."""
    before = set(stage.wall.messages)
    await stage.says_to_mallard(text, by=by, where=where, direct=where.channel.startswith("D-"))
    await stage.until(lambda: stage.is_delivered() and set(stage.wall.messages) - before)
    (new,) = set(stage.wall.messages) - before
    content = stage.wall.messages[new].content
    assert isinstance(content, Page)
    return content


def written(page: Page) -> str:
    return "\n".join([page.title, *(f"{entry.text} {entry.detail}" for entry in page.entries), page.note])


async def test_what_a_person_tells_is_kept_for_them_alone_and_read_out_in_private_only(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        said = await tell(stage, "remember that I am allergic to peanuts")
        assert "for you alone" in said.note

        assert "peanuts" in written(await tell(stage, "what do you remember?", where=HOME))
        assert "peanuts" not in written(await tell(stage, "what do you remember about peanuts?"))
        for other in (BOB, MALLORY):
            theirs = ConversationRef(platform="slack", space="T1", channel=f"D-{other.id}")
            assert "peanuts" not in written(await tell(stage, "what do you remember?", by=other, where=theirs))


async def test_what_is_kept_for_a_channel_is_found_in_its_threads_and_nowhere_else(tmp_path: Path) -> None:
    elsewhere = ConversationRef(platform="slack", space="T1", channel="C2")
    thread = ConversationRef(platform="slack", space="T1", channel="C1", thread="77.7")
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await tell(stage, "remember here: staging is called heron")

        assert "heron" in written(await tell(stage, "what do you remember about staging?", by=MALLORY, where=thread))
        assert "heron" not in written(await tell(stage, "what do you remember about staging?", where=elsewhere))


@pytest.mark.parametrize("whom", ["for the team", "for this workspace"])
async def test_only_who_approves_or_administers_speaks_for_all(tmp_path: Path, whom: str) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        refused = await tell(stage, f"remember {whom}: releases are on Thursday")
        assert "Nothing was remembered" in refused.note
        assert "Thursday" not in written(await tell(stage, "memories"))

        await tell(stage, f"remember {whom}: releases are on Thursday", by=BOB)
        assert "Thursday" in written(await tell(stage, "memories", by=MALLORY))


async def test_a_secret_is_not_remembered(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        said = await tell(stage, "remember my key AKIAIOSFODNN7EXAMPLF", where=HOME)

        assert "secret" in said.note
        assert stage.store.find_memory(MemoryId(1)) is None


async def test_what_is_too_long_is_refused_and_says_how_long_it_may_be(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        said = await tell(stage, f"remember {'x' * 2_001}")
        assert "2001 characters, at most 2000" in said.note


@pytest.mark.parametrize("person", [ALICE, BOB, MALLORY], ids=lambda person: person.id)
@pytest.mark.parametrize(
    ("place", "said_by", "may"),
    [
        (Place(MemoryScope.PERSON, str(ALICE)), ALICE, {ALICE}),
        (Place(MemoryScope.PERSON, str(ALICE)), BOB, {ALICE}),
        (Place(MemoryScope.CONVERSATION, "slack:T1/C1"), ALICE, {ALICE, BOB}),
        (Place(MemoryScope.CONVERSATION, "slack:T1/C9"), ALICE, {ALICE}),
        (Place(MemoryScope.TEAM), BOB, {BOB}),
    ],
)
async def test_a_memory_is_forgotten_by_whom_it_is_of_or_who_said_it_or_looks_after_it(
    tmp_path: Path, place: Place, said_by: UserRef, may: set[UserRef], person: UserRef
) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        new = NewMemory(text="herons", place=place, type=MemoryType.FACT, importance=0.5, said_by=said_by)
        kept = await stage.store.remember(new, NOON)

        said = await tell(stage, f"forget {kept.id}", by=person)

        assert ("is forgotten" in said.note) == (person in may)
        assert (stage.store.find_memory(kept.id) is None) == (person in may)


async def test_a_pinned_memory_says_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await tell(stage, "remember here: staging is called heron")
        await tell(stage, "pin 1")
        assert "pinned" in written(await tell(stage, "memories"))
        await tell(stage, "unpin 1")
        assert "pinned" not in written(await tell(stage, "memories"))


async def test_more_memories_than_a_page_holds_are_turned_over(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        for number in range(13):
            new = NewMemory(
                text=f"fact number {number}", place=Place(MemoryScope.TEAM), type=MemoryType.FACT, importance=0.5, said_by=BOB
            )  # fmt: skip
            await stage.store.remember(new, NOON)

        first = await tell(stage, "memories")
        second = await stage.door.read_page(first.older, by=ALICE, where=POND, direct=False)

        assert [entry.text.split(":")[0] for entry in (*first.entries, *second.entries)] == [
            str(n) for n in range(13, 0, -1)
        ]
        assert second.older == ""


async def test_forgetting_a_person_is_asked_about_in_private_first(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await tell(stage, "remember that I like herons")

        assert "direct message" in (await tell(stage, "yes, forget everything about me")).note
        assert "yes, forget everything about me" in (await tell(stage, "forget everything about me", where=HOME)).note
        assert stage.store.find_memory(MemoryId(1)) is not None


async def test_whoever_means_it_is_forgotten_and_told_what_went(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await tell(stage, "remember that I like herons")
        await stage.says_to_mallard("feed the ducks")
        await stage.run(1)
        await stage.until(stage.is_delivered)

        said = await tell(stage, "yes, forget everything about me", where=HOME)

        assert said.note.startswith("Forgotten, for good (memories: 1, runs: 1, summaries: 0).")
        assert stage.store.find_memory(MemoryId(1)) is None


async def test_pages_on_which_others_saw_the_runs_of_who_is_forgotten_say_nothing_of_them_any_more(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await stage.says_to_mallard("feed the zebrafish")
        await stage.run(1)
        await stage.until(stage.is_delivered)
        assert "zebrafish" in written(await tell(stage, "history", by=BOB))
        assert "zebrafish" in written(await tell(stage, "run 1", by=BOB))
        await tell(stage, "remember here: staging is called heron", by=BOB)
        await tell(stage, "memories", by=BOB)

        await tell(stage, "yes, forget everything about me", where=HOME)

        assert find_leftovers(tmp_path, "zebrafish") == []
        pages = stage.store.database.read_rows("SELECT body FROM deliveries WHERE person = ? LIMIT 64", (str(BOB),))
        assert sum("heron" in body for (body,) in pages) == 1


class Crowded(sqlite3.Connection):
    """The file cannot be written anew as long as another program works with it."""

    is_crowded = True

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if sql == "VACUUM" and type(self).is_crowded:
            raise sqlite3.OperationalError("database is locked")
        return super().execute(sql, *arguments)


async def test_what_is_forgotten_while_another_program_holds_the_file_is_said_to_be_and_scoured_later(
    tmp_path: Path,
) -> None:
    class Ours(Crowded): ...

    async with open_stage(tmp_path, roles=ROLES, writing_with=Ours) as stage, at_work(stage):
        await tell(stage, "remember that zebrafish live in tank seven")

        assert (await tell(stage, "forget 1")).note == (
            "Memory 1 is forgotten. Another program holds the database just now: the words leave its files within the hour."
        )

        assert find_leftovers(tmp_path, "zebrafish") != []
        Ours.is_crowded = False
        assert await stage.store.scour()
        assert find_leftovers(tmp_path, "zebrafish") == []
