"""Whoever wants forgotten what a run works with hears so; and what hangs about of a forgotten call can be looked at."""

from pathlib import Path

from runtime.contents import Card
from runtime.memory.records import MemoryId
from runtime.states import RunStatus
from storage.events import verify_chain
from storage.redacting import FORGOTTEN
from tests.fakes.scripted import call, directive, plans
from tests.runtime.memory.test_memory_desk import HOME, ROLES, tell, written
from tests.runtime.stage import BOB, POND, Stage, at_work, open_stage
from tests.storage.memory.leftovers import find_leftovers

TOLD = "staging is called heron"


async def asked(stage: Stage) -> Card:
    """A run that was reminded of it waits with a call that tells of it."""
    await tell(stage, f"remember here: {TOLD}")
    write = call("write_file", reason=f"So that all know that {TOLD}.", path="names.txt", content=f"{TOLD}\n")
    stage.says = plans(directive(write))
    await stage.says_to_mallard("write down how staging is called")
    await stage.run(1, RunStatus.WAITING)
    await stage.until(stage.is_delivered)
    return await stage.store_card(1)


async def test_a_run_that_waits_with_it_is_named_and_once_it_is_decided_the_memory_goes(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await asked(stage)

        refused = await tell(stage, "forget 1")
        assert refused.note.startswith(
            "Memory 1 is not forgotten yet: run 1 works with it. Decide its card or `stop` it, then say it again."
        )
        assert stage.store.find_memory(MemoryId(1)) is not None

        await stage.press("deny")
        await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)
        assert (await tell(stage, "forget 1")).note == "Memory 1 is forgotten, for good."
        assert find_leftovers(tmp_path, "heron") == []


async def test_a_person_hears_that_others_work_with_what_they_told_for_them(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        await tell(stage, f"remember for the team: {TOLD}", by=BOB)
        stage.says = plans(directive(call("write_file", path="names.txt", content=f"{TOLD}\n")))
        await stage.says_to_mallard("write down how staging is called")
        await stage.run(1, RunStatus.WAITING)
        await stage.until(stage.is_delivered)
        home = type(HOME)(platform="slack", space="T1", channel=f"D-{BOB.id}")

        refused = await tell(stage, "yes, forget everything about me", by=BOB, where=home)
        assert "Nothing is forgotten yet: run 1 works with what you told me for others." in refused.note


async def test_the_card_and_the_pages_of_a_forgotten_call_say_that_it_is_forgotten(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=ROLES) as stage, at_work(stage):
        before = await asked(stage)
        tokens = {button.verb: button.token for button in before.buttons}
        await stage.press("approve")
        await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)
        assert (await tell(stage, "forget 1")).note == "Memory 1 is forgotten, for good."

        card = await stage.door.read_card(tokens["show"], by=BOB)
        assert card is not None
        shown = {argument.name: argument.text for argument in card.arguments}
        assert shown["content"] == card.claim == card.preview == FORGOTTEN
        late = await stage.door.click(tokens["approve"], by=BOB, by_name="Bob", where=POND)
        assert late.words.startswith("This was settled before you")
        pages = [written(await tell(stage, text)) for text in ("run 1", "history", "pending", "why 1")]
        assert "heron" not in "".join(pages)
        assert "cognition_response: forgotten" in pages[0]
        assert "what events 4 said was forgotten" in pages[0]
        assert list(verify_chain(stage.store.database.reader)) == []
        assert "heron" in (stage.folder / "names.txt").read_text(), "files of the workspace are the people's own"
