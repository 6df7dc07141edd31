"""What people say beside a card makes a broader grant only when it was meant, and after it was shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.records import GrantKind, Run
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.papers import BOB
from tests.runtime.stage import Stage, at_work, open_stage
from tests.runtime.test_broader_grants import SHELL


def note(word: str) -> str:
    return directive(call(SHELL, command=f"touch {word}"))


def said_on(stage: Stage) -> list[str]:
    """The notes of the pages that stand on the wall."""
    return [page.note for page in stage.wall.pages()]


async def until_said(stage: Stage, words: str) -> None:
    await stage.until(lambda: any(words in said for said in said_on(stage)))


async def asks(stage: Stage, plan: str, number: int, *statuses: RunStatus) -> Run:
    stage.says = plans(plan)
    await stage.says_to_mallard("please")
    return await stage.run(number, *statuses)


@pytest.mark.promise(15)
async def test_a_broader_grant_is_shown_before_it_is_made_and_counts_only_when_it_was_meant(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, note("one.txt"), 1, RunStatus.WAITING)

        await stage.says_to_mallard("always 1 prefix for 8h: touch", by=BOB)
        await until_said(stage, "Nothing is decided yet")
        assert await stage.store.list_grants() == ()
        assert stage.store.find_approval(1).status is ApprovalStatus.PENDING  # type: ignore[union-attr,arg-type]
        (shown,) = [said for said in said_on(stage) if "Nothing is decided yet" in said]
        assert "every command that begins with the words `touch`, whatever follows" in shown
        again = shown.split("write: `")[1].split("`")[0]
        assert again == "always 1 prefix for 8h yes: touch"

        await stage.says_to_mallard(again, by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        (made,) = await stage.store.list_grants()
        assert (made.kind, made.prefix, made.uses) == (GrantKind.PREFIX, ("touch",), 0)
        assert made.expires_at == stage.clock.now() + timedelta(hours=8)

        await asks(stage, note("two.txt"), 2, RunStatus.COMPLETED)
        await asks(stage, note("three.txt; touch four.txt"), 3, RunStatus.WAITING)
        assert (stage.folder / "two.txt").exists()
        assert not (stage.folder / "three.txt").exists()

        stage.clock.at += timedelta(hours=8)
        await asks(stage, note("five.txt"), 4, RunStatus.WAITING)


@pytest.mark.promise(15)
async def test_what_would_still_ask_is_not_granted_and_says_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, note("$x"), 1, RunStatus.WAITING)
        for words, why in (
            ("always 1 prefix yes", "one program with plain words"),
            ("always 1 tool yes", "never allowed as a whole"),
            ("always 1 workspace prefix yes: touch", "one program with plain words"),
        ):
            await stage.says_to_mallard(words, by=BOB)
            await until_said(stage, why)
        assert await stage.store.list_grants() == ()
        assert stage.run_now(1).status is RunStatus.WAITING


@pytest.mark.promise(15)
async def test_a_tool_can_be_allowed_in_a_conversation_for_some_times(tmp_path: Path) -> None:
    def write(name: str) -> str:
        return directive(call("write_file", path=name, content="x"))

    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, write("a.txt"), 1, RunStatus.WAITING)
        await stage.says_to_mallard("always 1 tool yes 2 times", by=BOB)
        await stage.run(1, RunStatus.COMPLETED)
        await asks(stage, write("b.txt"), 2, RunStatus.COMPLETED)
        await asks(stage, write("c.txt"), 3, RunStatus.COMPLETED)
        await asks(stage, write("d.txt"), 4, RunStatus.WAITING)
        (made,) = await stage.store.list_grants()
        assert (made.uses, made.most_uses) == (2, 2)
        assert sorted(path.name for path in stage.folder.iterdir()) == ["a.txt", "b.txt", "c.txt"]
