"""A chat asks for the administrator's rights: an approver says yes there, and the password comes from the terminal alone."""

import asyncio
from pathlib import Path

import pytest

from bots.terminal.passwords import PasswordQuestion, TerminalPasswords
from runtime.facts import EventType
from runtime.records import JsonObject, Run
from runtime.states import CallState, RunStatus
from runtime.tools.shell_exec_safe import ShellExecSafe
from runtime.tools.sudo import Sudo
from tests.fakes.scripted import call, directive, plans
from tests.fakes.sudo import PASSWORD, stand_in
from tests.runtime.stage import BOB, Stage, at_work, open_stage
from tests.runtime.tools.shell.judging import judge, no_sandbox

SAY_IT = "cat ../secret; echo once >> log.txt"


def shell(folder: Path, passwords: TerminalPasswords | None) -> ShellExecSafe:
    (folder / "secret").write_text(f"It is {PASSWORD}.")
    return ShellExecSafe(judge, find=no_sandbox, sudo=Sudo(program=stand_in(folder), passwords=passwords))


async def asked(stage: Stage, passwords: TerminalPasswords) -> PasswordQuestion:
    """The question at the terminal, once somebody in the chat has said yes."""
    stage.says = plans(directive(call("shell_exec_safe", command=SAY_IT, sudo=True)))
    await stage.says_to_mallard("say it")
    await stage.run(1, RunStatus.WAITING)
    await stage.press("approve")
    async with asyncio.timeout(5):
        await passwords.until_asked()
    question = passwords.take()
    assert question is not None
    return question


def log_of(stage: Stage) -> str:
    path = stage.folder / "log.txt"
    return path.read_text() if path.exists() else ""


def traces(folder: Path) -> list[str]:
    """The files in which the password stands, beside those that it was put into."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in ("sudo", "secret")]
    assert {"mallard.db", "mallard.db-wal"} <= {path.name for path in files}
    return [path.name for path in files if PASSWORD.encode() in path.read_bytes()]


def audit_of(stage: Stage) -> JsonObject:
    (event,) = stage.events_of(1, EventType.COMMAND_AUDIT)
    assert event.body is not None
    return event.body


def state_of(run: Run) -> CallState:
    return run.steps[0].calls[0].state


async def test_the_password_that_the_terminal_gives_runs_it_once_and_stands_in_no_file(tmp_path: Path) -> None:
    passwords = TerminalPasswords()
    async with open_stage(tmp_path, tools=[shell(tmp_path, passwords)]) as stage, at_work(stage):
        question = await asked(stage, passwords)
        assert (question.command, log_of(stage)) == (SAY_IT, "")
        question.give(bytearray(PASSWORD.encode()))
        run = await stage.run(1, RunStatus.COMPLETED)

        assert log_of(stage) == "once\n"
        observation = run.steps[0].calls[0].observation
        assert observation is not None
        assert observation.text.startswith("It is •••••••.")
        audit = audit_of(stage)
        assert (audit["sudo"], audit["ran"], audit["returncode"]) == (True, True, 0)
        await stage.until(stage.is_delivered)
        assert traces(tmp_path) == []
        assert PASSWORD not in repr((stage.model.requests, stage.wall.messages))


@pytest.mark.promise(29)
async def test_a_stop_while_the_password_is_asked_for_takes_the_question_back(tmp_path: Path) -> None:
    passwords = TerminalPasswords()
    async with open_stage(tmp_path, tools=[shell(tmp_path, passwords)]) as stage, at_work(stage):
        question = await asked(stage, passwords)
        await stage.says_to_mallard("stop")
        run = await stage.run(1, RunStatus.CANCELLED)

        assert not question.is_open
        assert state_of(run) is CallState.OBSERVED
        audit = audit_of(stage)
        assert (audit["ran"], audit["stopped"], log_of(stage)) == (False, True, "")


async def test_where_nobody_sits_at_the_terminal_it_is_not_run_and_the_agent_goes_on(tmp_path: Path) -> None:
    passwords = TerminalPasswords(patience=0)
    async with open_stage(tmp_path, tools=[shell(tmp_path, passwords)]) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command=SAY_IT, sudo=True)))
        await stage.says_to_mallard("say it")
        await stage.run(1, RunStatus.WAITING)
        await stage.press("approve")
        run = await stage.run(1, RunStatus.COMPLETED)

        observation = run.steps[0].calls[0].observation
        assert observation is not None
        assert "Nobody typed the password" in observation.text
        assert log_of(stage) == ""


@pytest.mark.promise(15)
async def test_no_standing_approval_covers_it(tmp_path: Path) -> None:
    passwords = TerminalPasswords(patience=0)
    async with open_stage(tmp_path, tools=[shell(tmp_path, passwords)]) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command=SAY_IT, sudo=True)))
        await stage.says_to_mallard("say it")
        await stage.run(1, RunStatus.WAITING)

        await stage.says_to_mallard("always 1", by=BOB)

        assert "always" not in {button.verb for button in (await stage.store_card(1)).buttons}
        assert stage.run_now().status is RunStatus.WAITING
        await stage.until(lambda: "would change nothing" in repr(stage.wall.messages))
