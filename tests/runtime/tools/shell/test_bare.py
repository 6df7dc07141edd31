"""shell_exec_safe: nothing runs without a sandbox but what a person was shown to run without one, and said yes to."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.records import CallId, Observation, Risk, ToolCall
from runtime.tools.gateway import carrying_secrets
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, recorded, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox


@pytest.fixture
def bare(tmp_path: Path) -> Bench:
    """A machine without a sandbox, where commands may ask to leave one."""
    return Bench(tool=ShellExecSafe(judge, find=no_sandbox, may_leave=True), workspace=workspace_at(tmp_path))


def unasked(call: ToolCall, risk: Risk) -> ToolCall:
    """As a rule, a grant or a setting lets a call through: nobody was shown where it runs."""
    return replace(call, risk=risk, target="")


@pytest.mark.promise(7)
@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("risk", list(Risk))
async def test_what_nobody_was_asked_about_never_runs_bare(
    bare: Bench, tmp_path: Path, risk: Risk, outside: bool
) -> None:
    call = await bare.ask(command="touch ran", outside_sandbox=outside)

    found = await bare.run(unasked(call, risk))

    assert isinstance(found, Observation)
    assert (found.ok, found.error) == (False, "refused")
    assert not (tmp_path / "ran").exists()


async def test_what_was_approved_to_run_bare_does(bare: Bench, tmp_path: Path) -> None:
    for number, outside in enumerate((False, True)):
        await bare.run(await bare.ask(command=f"touch ran{number}", outside_sandbox=outside))
        assert (tmp_path / f"ran{number}").exists()


async def test_a_bare_command_is_to_be_asked_each_time_and_a_held_one_is_not(bare: Bench, held: Bench) -> None:
    assert (await bare.review(command="make")).assessment.each_time
    assert (await bare.review(command="ls # auto")).assessment.each_time
    assert (await bare.review(command="make", outside_sandbox=True)).assessment.each_time
    assert not (await held.review(command="make")).assessment.each_time


async def test_leaving_the_sandbox_is_looked_at_again_before_it_runs(bare: Bench, tmp_path: Path) -> None:
    call = await bare.ask(command="touch ran", outside_sandbox=True)
    bare.tool = ShellExecSafe(judge, find=no_sandbox, may_leave=False)

    found = await bare.run(call)

    assert isinstance(found, Observation)
    assert found.error == "refused"
    assert "MALLARD_OUTSIDE_SANDBOX=never" in found.text
    assert not (tmp_path / "ran").exists()


async def test_what_only_reads_and_uses_a_secret_runs_in_the_strict_sandbox_that_its_card_names(
    held: Bench, bare: Bench, tmp_path: Path
) -> None:
    reviewed = await held.review(command="touch written; echo ran # auto")
    asked = replace(reviewed, assessment=carrying_secrets(reviewed.assessment))
    assert asked.assessment.each_time
    assert "it may read in the workspace alone" in asked.assessment.why_asked
    call = recorded(asked, id=CallId(1))

    await held.run(call)

    assert held.audits[0]["profile"] == "strict"
    assert not (tmp_path / "written").exists()
    found = await bare.run(call)
    assert not isinstance(found, Observation)  # it is asked anew
