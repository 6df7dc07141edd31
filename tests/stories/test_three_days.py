"""What a team tells Mallard on one day serves it on the next: told once, used, corrected, forgotten; and a failure teaches."""

from pathlib import Path

from runtime.memory.records import Memory, MemoryId, MemoryScope, MemoryType, NewMemory, Place
from tests.fakes.slack import Message, Person
from tests.stories.team_mind import LESSON, team_mind
from tests.stories.world import World

A_DAY = 24


async def says(world: World, person: Person, text: str) -> Message:
    """Mention Mallard in the channel, and return once all is done that is owed for it, afterthoughts included."""
    runs = world.runs()
    asked = await person.mentions(world.pond, text)
    await world.until(lambda: world.runs() > runs)
    await world.run(runs + 1)
    await world.until(lambda: not world.store.database.read_row(_OWED))
    return asked


_OWED = "SELECT 1 FROM afterthoughts WHERE status <> 'done' UNION ALL SELECT 1 FROM deliveries WHERE status = 'owed' LIMIT 1"


async def reads(world: World, person: Person, words: str, *, contains: str) -> str:
    """Say a command in the channel; the page that answers it."""
    asked = await person.mentions(world.pond, words)
    return (await world.slack.message(world.pond, thread=asked, contains=contains)).text


def memory(world: World, number: int) -> Memory:
    found = world.store.find_memory(MemoryId(number))
    assert found is not None
    return found


async def night_falls(world: World) -> None:
    """Mallard is stopped, and started on the next day."""
    await world.close()
    world.clock.advance(A_DAY * 3600)
    await world.open()


async def test_what_is_told_once_is_used_corrected_and_forgotten_and_a_failure_teaches(world: World) -> None:
    (world.files / "RUNBOOK.md").write_text("Push the tag.")
    world.model_says(team_mind)

    # The first day: something is told, and something fails.
    await says(world, world.alice, "our staging cluster is called heron")
    await says(world, world.alice, "please deploy the site")
    assert await world.answer(2) == "The deploy failed."
    assert memory(world, 1).text == "The staging cluster is called heron"
    assert memory(world, 1).place.subject == f"slack:T1/{world.pond.id}", "a model chose more people than read the run"
    assert memory(world, 2).text == LESSON

    # The second day: another person is helped by it, and asks why.
    await night_falls(world)
    asked = await says(world, world.bob, "which cluster is for staging?")
    assert await world.answer(3) == "It is heron (memory 1)."
    await world.bob.mentions(world.pond, "why", thread=asked)
    why = await world.slack.message(world.pond, thread=asked, contains="relied on")
    assert "The staging cluster is called heron" in why.text
    assert "named in the answer" in why.text

    await says(world, world.bob, "please deploy the site once more")
    assert await world.answer(4) == "It is deployed."
    assert (memory(world, 2).helped, memory(world, 2).misled) == (1, 0)

    await says(world, world.alice, "our staging cluster is now called crane")
    assert memory(world, 1).superseded_by == 3
    listed = await reads(world, world.carol, "what do you remember about staging?", contains="crane")
    assert "heron" not in listed

    # The third day: what holds now is used; then its author has it forgotten.
    await night_falls(world)
    await says(world, world.bob, "which cluster is for staging?")
    assert await world.answer(6) == "It is crane (memory 3)."

    await reads(world, world.alice, "forget 3", contains="is forgotten")
    assert world.store.find_memory(MemoryId(1)) is None, "the version that it superseded says as much"
    await says(world, world.bob, "which cluster is for staging?")
    assert await world.answer(7) == "I do not know."
    await world.close()
    assert words_on_disk(world.data, "crane", "heron") == []


async def test_why_names_the_memory_the_lesson_and_the_skill_that_an_answer_came_from(world: World) -> None:
    (world.files / "RUNBOOK.md").write_text("Push the tag.")
    (world.files / "skills" / "deploying").mkdir(parents=True)
    (world.files / "skills" / "deploying" / "SKILL.md").write_text(SKILL)
    world.model_says(team_mind)
    await says(world, world.alice, "our staging cluster is called heron")
    await world.store.remember(lesson_of(world), world.clock.now())

    asked = await world.alice.mentions(world.pond, "please deploy the site to staging")
    card = await world.card()
    assert "Push the tag before anything else." in card.text
    await world.bob.clicks(card, "Approve")
    # Once it is committed: what is streamed is no answer yet.
    assert await world.answer(2) == "It is deployed on heron (memory 1)."
    await world.alice.mentions(world.pond, "why", thread=asked)

    why = await world.slack.message(world.pond, thread=asked, contains="relied on")
    assert "memory 1: The staging cluster is called heron" in why.text
    assert f"memory 2: {LESSON}" in why.text
    assert "skill deploying" in why.text


SKILL = """---
name: deploying
description: Deploy the site. Use it when somebody asks for a deploy.
---
Push the tag before anything else.
"""


def lesson_of(world: World) -> NewMemory:
    place = Place(MemoryScope.CONVERSATION, f"slack:T1/{world.pond.id}")
    return NewMemory(text=LESSON, place=place, type=MemoryType.LESSON, importance=0.9, said_by=world.ref(world.alice))


def words_on_disk(folder: Path, *words: str) -> list[str]:
    """Where a word stands in the files of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, f"there is nothing in {folder}"
    return [f"{word} in {path.name}" for path in files for word in words if word.encode() in path.read_bytes()]
