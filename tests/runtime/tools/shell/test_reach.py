"""shell_exec_safe: what an administrator's rule lets a command do, and what is said of what it reads and could send out."""

from pathlib import Path

import pytest

from runtime.records import Observation, Risk
from runtime.shell.verdicts import Action, Classification, Verdict
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox


def allowed(command: str, workspace: Path) -> Classification:
    return Classification(verdict=Verdict.AUTO, action=Action.READ, risk=Risk.LOW, allowed_by="touch *")


def ruled(held: Bench) -> Bench:
    """The same shell where a rule allows every command."""
    tool = ShellExecSafe(allowed, find=held.tool._find)  # type: ignore[attr-defined]  # the sandbox of this machine
    return Bench(tool=tool, workspace=held.workspace)


async def test_what_a_rule_allows_runs_unasked_and_writes_in_the_workspace(held: Bench, tmp_path: Path) -> None:
    shell = ruled(held)
    call = await shell.ask(command="touch written")

    found = await shell.run(call)

    assert call.risk is Risk.LOW
    assert isinstance(found, Observation)
    assert found.ok, found.text
    assert (tmp_path / "written").exists()
    assert shell.audits[0]["profile"] == "approved"


@pytest.mark.promise(14)
async def test_what_a_rule_let_through_is_not_run_once_the_rule_is_gone(held: Bench, tmp_path: Path) -> None:
    call = await ruled(held).ask(command="touch written")

    found = await held.run(call)

    assert isinstance(found, Observation)
    assert found.error == "refused"
    assert not (tmp_path / "written").exists()


async def test_a_command_that_may_use_the_network_could_send_out_and_one_that_may_not_could_not(held: Bench) -> None:
    strict = (await held.review(command="cat notes # auto")).assessment
    boxed = (await held.review(command="touch a")).assessment
    online = (await held.review(command="touch a", network=True)).assessment

    assert [each.sends_out for each in (strict, boxed, online)] == [False, False, True]
    assert all(each.reads_untrusted for each in (strict, boxed, online))


async def test_a_command_that_nothing_holds_could_send_out(tmp_path: Path) -> None:
    bare = Bench(tool=ShellExecSafe(judge, find=no_sandbox), workspace=workspace_at(tmp_path))

    assert (await bare.review(command="touch a")).assessment.sends_out
