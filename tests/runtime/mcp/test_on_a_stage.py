"""What people live through with servers of tools: a card for each call, and nothing that runs behind its back."""

from pathlib import Path

import pytest

from runtime.models.port import ModelRequest, Part, Role
from runtime.states import CallState, RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.mcp.office import Office, rude, tool, until
from tests.runtime.stage import Stage, at_work, open_stage

pytestmark = pytest.mark.timeout(60)


def stage_beside(office: Office, folder: Path) -> Path:
    (folder / "stage").mkdir(exist_ok=True)
    return folder / "stage"


async def asks(stage: Stage, *steps: str) -> None:
    stage.says = plans(*steps)
    await stage.says_to_mallard("please")


@pytest.mark.promise(14)
async def test_a_tool_that_changes_between_card_and_click_does_not_run_and_is_asked_again(tmp_path: Path) -> None:
    send = directive(call("rude.send", text="hi"))
    async with (
        rude(tmp_path, tool("send", description="Sends it to you.")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        await asks(stage, send, send)
        await stage.run(1, RunStatus.WAITING)
        office.offers(tool("send", description="Sends it to everybody."))
        await stage.press("approve")
        await until(lambda: len(stage.run_now().steps) == 2 and stage.run_now().status is RunStatus.WAITING)
        first, second = (step.calls[0] for step in stage.run_now().steps)
        ran_before = office.calls
        await stage.press("approve", 2)
        run = await stage.run(1, RunStatus.COMPLETED)

    assert first.observation is not None
    assert first.observation.error == "digest_mismatch"
    assert second.state is CallState.AWAITING_APPROVAL
    assert second.digest != first.digest
    assert ran_before == []
    assert run.steps[1].calls[0].observation is not None
    assert office.calls == ["send"]


@pytest.mark.promise(15)
async def test_a_standing_approval_does_not_cover_a_tool_that_changed(tmp_path: Path) -> None:
    send = directive(call("rude.send", text="hi"))
    async with (
        rude(tmp_path, tool("send")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        await asks(stage, send)
        await stage.run(1, RunStatus.WAITING)
        await stage.press("always")
        await stage.run(1, RunStatus.COMPLETED)
        await asks(stage, send)
        unasked = await stage.run(2)
        office.offers(tool("send", inputSchema={"type": "object", "properties": {"to": {"default": "all"}}}))
        await office.keeper.look_again()
        await asks(stage, send)
        asked = await stage.run(3)

    assert unasked.status is RunStatus.COMPLETED
    assert asked.status is RunStatus.WAITING
    assert office.calls == ["send", "send"]


@pytest.mark.promise(32)
async def test_a_server_that_dies_in_mid_call_leaves_a_question_and_not_a_second_call(tmp_path: Path) -> None:
    async with (
        rude(tmp_path, tool("die")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        await asks(stage, directive(call("rude.die")))
        await stage.run(1, RunStatus.WAITING)
        await stage.press("approve")
        await until(lambda: asked_what_happened(stage))

    assert office.calls == ["die"]


def asked_what_happened(stage: Stage) -> object:
    run = stage.run_now()
    is_unknown = run.status is RunStatus.WAITING and run.steps[0].calls[0].state is CallState.OUTCOME_UNKNOWN
    return run if is_unknown else None


@pytest.mark.promise(2)
async def test_an_approved_call_runs_after_a_restart_although_its_server_is_only_starting(tmp_path: Path) -> None:
    async with (
        rude(tmp_path, tool("send")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        await asks(stage, directive(call("rude.send")))
        await stage.run(1, RunStatus.WAITING)
    async with (
        rude(tmp_path, tool("send")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        stage.says = plans(directive(call("rude.send")))
        await stage.press("approve")
        run = await stage.run(1, RunStatus.COMPLETED)

    assert run.steps[0].calls[0].observation is not None
    assert run.steps[0].calls[0].observation.ok
    assert office.calls == ["send"]


@pytest.mark.promise(36)
async def test_a_server_that_is_away_is_told_to_the_planner_and_nobody_is_asked(tmp_path: Path) -> None:
    async with (
        rude(tmp_path, tool("send"), mode="stillborn") as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        await asks(stage, directive(call("rude.send")))
        run = await stage.run(1)

    told = [message.text for request in stage.model.requests for message in request.messages]
    assert run.status is RunStatus.COMPLETED
    assert any("a tool of the MCP server rude, which is away: its process ended" in text for text in told)


@pytest.mark.promise(36)
@pytest.mark.parametrize("levels", [300, 950])
async def test_arguments_that_are_nested_too_deep_are_said_to_be_and_asked_for_again(
    tmp_path: Path, levels: int
) -> None:
    deep = directive(call("rude.send", text="…")).replace('"\\u2026"', "[" * levels + "]" * levels)

    def says(request: ModelRequest) -> str:
        return deep if request.messages[-1].part is not Part.REPAIR else directive(call("rude.send", text="flat"))

    async with (
        rude(tmp_path, tool("send")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        stage.says = says
        await stage.says_to_mallard("please")
        run = await stage.run(1)

    assert run.status is RunStatus.WAITING
    assert run.steps[0].calls[0].arguments == {"text": "flat"}
    assert "nested more than 64 levels deep" in stage.model.requests[1].messages[-1].text


@pytest.mark.promise(36)
async def test_a_model_that_nests_too_deep_twice_answers_without_tools(tmp_path: Path) -> None:
    deep = directive(call("rude.send", text="…")).replace('"\\u2026"', "[" * 950 + "]" * 950)
    async with (
        rude(tmp_path, tool("send")) as office,
        open_stage(stage_beside(office, tmp_path), sources=(office.servers,)) as stage,
        at_work(stage),
    ):
        stage.says = lambda request: deep if request.role is Role.ACTION else "I could not do that."
        await stage.says_to_mallard("please")
        run = await stage.run(1)

    assert (run.status, run.answer) == (RunStatus.COMPLETED, "I could not do that.")
    assert office.calls == []
