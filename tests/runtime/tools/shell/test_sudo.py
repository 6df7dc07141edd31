"""shell_exec_safe as the machine's administrator: a password that one command is given, and nobody else ever has."""

import asyncio
import shutil
from pathlib import Path

import pytest

from runtime.records import Effect, Observation, Risk
from runtime.tools.port import ToolScope
from runtime.tools.shell_exec_safe import ShellArguments, ShellExecSafe
from runtime.tools.sudo import Sudo
from tests.fakes.sudo import PASSWORD
from tests.runtime.tools.doubles import Bench, ignore, recorded, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox
from tests.runtime.tools.shell.sudoing import Hesitant, Person, bench_with


@pytest.fixture
def person() -> Person:
    return Person()


@pytest.fixture
def desk(tmp_path: Path, person: Person) -> Bench:
    return bench_with(tmp_path, person)


def ran(desk: Bench) -> bool:
    return (Path(desk.workspace.path) / "ran").exists()


@pytest.mark.parametrize("command", ["touch ran", "ls # auto"])
async def test_its_card_is_critical_and_says_whose_rights_it_has_and_where_the_password_is_asked_for(
    desk: Bench, person: Person, command: str
) -> None:
    reviewed = await desk.review(command=command, sudo=True)

    seen = reviewed.assessment
    assert (seen.risk, reviewed.effect, seen.each_time, seen.sends_out) == (Risk.CRITICAL, Effect.EXTERNAL, True, True)
    assert "as the machine's administrator (root), outside the sandbox" in seen.why_asked
    assert "its password is asked for at Mallard's own terminal" in seen.why_asked
    assert person.asked_about == []


async def test_it_runs_once_the_password_is_there(desk: Bench, person: Person) -> None:
    found = await desk.do(command="echo one; echo two >&2; pwd; touch ran; exit 3", sudo=True)

    assert found.text == f"one\ntwo\n{desk.workspace.path}\n[exit status 3]"
    assert person.asked_about == ["echo one; echo two >&2; pwd; touch ran; exit 3"]
    assert ran(desk)
    assert desk.shown[0] == "Waiting for the password, at the terminal where Mallard runs.\n"
    (entry,) = desk.audits
    assert (entry["sudo"], entry["ran"], entry["returncode"], entry["profile"]) == (True, True, 3, "administrator")
    assert PASSWORD not in repr((found, desk.audits, desk.shown))


async def test_the_command_is_given_no_input_and_finds_the_password_in_no_argument_and_no_environment(
    desk: Bench,
) -> None:
    look = (
        "cat; tr '\\0' '\\n' < /proc/$PPID/cmdline; tr '\\0' '\\n' < /proc/$PPID/environ; env; readlink /proc/self/fd/*"
    )
    found = await desk.do(command=look, sudo=True)

    assert "SUDO_USER=duck" in found.text
    assert "/dev/null" in found.text
    assert "•••" not in found.text
    assert PASSWORD not in found.text


@pytest.mark.parametrize("word", ["cat secret", "head -c 5 secret; sleep 0.1; tail -c +6 secret"])
async def test_a_password_that_comes_out_again_is_covered_up(desk: Bench, word: str) -> None:
    (Path(desk.workspace.path) / "secret").write_text(f"<{PASSWORD}>")

    found = await desk.do(command=word, sudo=True)

    assert found.text == "<•••••••>\n[exit status 0]"
    assert "".join(desk.shown).endswith("<•••••••>")


async def test_a_wrong_password_runs_nothing_and_is_tried_once(tmp_path: Path) -> None:
    person = Person("quack")
    desk = bench_with(tmp_path, person)

    found = await desk.do(command="touch ran", sudo=True)

    assert (found.ok, found.error) == (False, "refused")
    assert found.text == "The password was not accepted: it can be tried again by asking again. Nothing was run."
    assert (len(person.asked_about), ran(desk)) == (1, False)
    (entry,) = desk.audits
    assert (entry["sudo"], entry["ran"]) == (True, False)


async def test_what_is_too_long_for_a_password_is_given_to_nobody(tmp_path: Path) -> None:
    person = Person("quack" * 20_000)
    desk = bench_with(tmp_path, person)

    found = await desk.do(command="touch ran", sudo=True)

    assert found.text == "What was typed is longer than any password that sudo takes. Nothing was run."
    assert (person.given, ran(desk)) == ([bytearray(100_000)], False)


async def test_what_sudo_says_instead_of_running_it_is_passed_on(tmp_path: Path, desk: Bench) -> None:
    (tmp_path / "sudo").write_text("#!/bin/bash\necho 'sudo: duck is not in the sudoers file.' >&2; exit 1\n")

    found = await desk.do(command="touch ran", sudo=True)

    assert "duck is not in the sudoers file." in found.text
    assert found.text.endswith("Nothing was run.")


async def test_a_sudo_that_is_not_there_is_said_to_be_missing(tmp_path: Path, desk: Bench) -> None:
    (tmp_path / "sudo").unlink()

    found = await desk.do(command="touch ran", sudo=True)

    assert (found.error, found.text) == ("not_started", "[it could not be started: No such file or directory]")


async def test_where_nobody_answers_nothing_is_run(tmp_path: Path) -> None:
    desk = bench_with(tmp_path, Person(None))

    found = await desk.do(command="touch ran", sudo=True)

    assert found.text == "Nobody typed the password for it at Mallard's terminal. Nothing was run."
    assert (found.error, ran(desk), desk.audits[0]["ran"]) == ("refused", False, False)


async def test_without_a_terminal_the_card_and_the_refusal_say_what_to_do(tmp_path: Path) -> None:
    desk = bench_with(tmp_path, None)

    reviewed = await desk.review(command="touch ran", sudo=True)
    found = await desk.run(recorded(reviewed))

    assert "This Mallard was not started at a terminal" in reviewed.assessment.why_asked
    assert isinstance(found, Observation)
    assert (found.ok, found.error, ran(desk)) == (False, "refused", False)
    assert "Start `mallard up`" in found.text


async def test_it_is_off_unless_it_is_switched_on_also_for_what_was_approved_before(desk: Bench) -> None:
    call = await desk.ask(command="touch ran", sudo=True)
    desk.tool = ShellExecSafe(judge, find=no_sandbox)

    assert "MALLARD_SHELL_SUDO" in (await desk.review(command="touch ran", sudo=True)).assessment.refusal
    found = await desk.run(call)
    assert isinstance(found, Observation)
    assert "MALLARD_SHELL_SUDO is not set" in found.text
    assert not ran(desk)


async def test_where_it_is_off_the_tool_itself_runs_nothing_that_was_approved_as_the_administrator(desk: Bench) -> None:
    call = await desk.ask(command="touch ran", sudo=True)
    tool = ShellExecSafe(judge, find=no_sandbox)
    scope = ToolScope(workspace=desk.workspace, key="1", on_output=ignore, audit=ignore, target=call.target)

    found = await tool.run(ShellArguments(command="touch ran", sudo=True), scope)

    assert (found.ok, found.error, ran(desk)) == (False, "refused", False)


@pytest.mark.parametrize("command", ["sudo ls", " /usr/bin/sudo -i", "sudo", "sudo\tls"])
async def test_a_command_that_says_sudo_itself_is_refused(desk: Bench, command: str) -> None:
    assert "says sudo once more" in (await desk.review(command=command, sudo=True)).assessment.refusal


async def test_what_destroys_the_machine_is_refused_as_ever(desk: Bench) -> None:
    assert "This never runs" in (await desk.review(command="x # block", sudo=True)).assessment.refusal


@pytest.mark.promise(7)
@pytest.mark.parametrize("risk", list(Risk))
async def test_what_nobody_was_asked_about_gets_no_password(desk: Bench, person: Person, risk: Risk) -> None:
    call = recorded(await desk.review(command="touch ran", sudo=True), risk=risk, target="")

    found = await desk.run(call)

    assert isinstance(found, Observation)
    assert found.error in ("refused", "stale")
    assert (person.asked_about, ran(desk)) == ([], False)


@pytest.mark.promise(29)
async def test_stopping_while_the_password_is_asked_for_takes_the_question_back(tmp_path: Path) -> None:
    person = Hesitant()
    desk = bench_with(tmp_path, person)
    running = asyncio.ensure_future(desk.run(await desk.ask(command="touch ran", sudo=True)))
    await person.reached.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert person.left.is_set()
    (entry,) = desk.audits
    assert (entry["stopped"], entry["ran"], ran(desk)) == (True, False, False)


@pytest.mark.parametrize("command", ["true", "exit 1", "sleep 1000"])
async def test_the_password_is_wiped_however_it_ends(desk: Bench, person: Person, command: str) -> None:
    await desk.do(command=command, sudo=True, timeout_s=1)

    assert person.given == [bytearray(len(PASSWORD))]


async def test_a_password_is_wiped_where_the_command_is_stopped(desk: Bench, person: Person) -> None:
    running = asyncio.ensure_future(desk.run(await desk.ask(command="echo up; sleep 1000", sudo=True)))
    await _until_said(desk, "up\n")
    assert person.given == [bytearray(PASSWORD.encode())]

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert person.given == [bytearray(len(PASSWORD))]


@pytest.mark.needs("sudo")
async def test_the_real_sudo_runs_it_as_root_and_without_input(tmp_path: Path) -> None:
    sudo = Sudo(program=Path(shutil.which("sudo") or ""), passwords=Person())
    desk = Bench(tool=ShellExecSafe(judge, find=no_sandbox, sudo=sudo), workspace=workspace_at(tmp_path))

    found = await desk.do(command="id -u; cat; exit 3", sudo=True)

    assert found.text == "0\n[exit status 3]"


async def _until_said(desk: Bench, words: str) -> None:
    while words not in desk.shown:
        desk.heard.clear()
        await desk.heard.wait()
