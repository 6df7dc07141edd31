"""shell_exec_safe: what it runs is seen, heard, recorded once, and over when it is over."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import LeaseLost
from runtime.records import Effect, JsonObject, Observation, Risk
from runtime.tools.gateway import Stale
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, workspace_at

FAMILY = """
sh -c 'echo $$ > child; trap "" TERM; sleep 1000; :' &
setsid sh -c 'echo $$ > session; sleep 1000; :' &
(setsid sh -c 'echo $$ > orphan; trap "" TERM; exec sleep 1000' >/dev/null 2>&1 &)
(env -i setsid sh -c 'echo $$ > nameless; exec sleep 1000' >/dev/null 2>&1 &)
(setsid bash -c 'for fd in $(ls /proc/$$/fd); do eval "exec $fd>&-"; done; echo $$ > closed; exec sleep 1000' &)
until [ -s child ] && [ -s session ] && [ -s orphan ] && [ -s nameless ] && [ -s closed ]; do sleep 0.01; done
echo ready
"""
MEMBERS = ("child", "session", "orphan", "nameless", "closed")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=ShellExecSafe(), workspace=workspace_at(tmp_path))


@pytest.fixture(autouse=True)
def _no_descriptor_stays_open() -> Iterator[None]:
    before = _open_pipes()
    yield
    assert _open_pipes() <= before


async def test_a_command_needs_a_yes_and_is_never_repeated_by_itself(bench: Bench) -> None:
    reviewed = await bench.review(command="ls")

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.EXTERNAL, Risk.HIGH)
    assert "shell command" in reviewed.assessment.why_asked
    assert reviewed.arguments == {"command": "ls", "timeout_s": 60}


async def test_output_and_errors_come_in_order_with_the_exit_status(bench: Bench) -> None:
    found = await bench.do(command="echo one; echo two >&2; echo three; exit 3")

    assert found.text == "one\ntwo\nthree\n[exit status 3]"
    assert (found.ok, found.error, found.metadata["returncode"]) == (False, "exit_status", 3)


async def test_a_command_that_succeeds_is_ok(bench: Bench) -> None:
    found = await bench.do(command="true")

    assert (found.ok, found.text, found.metadata["truncated"]) == (True, "[exit status 0]", False)


async def test_a_command_that_a_signal_ended_says_which(bench: Bench) -> None:
    assert (await bench.do(command="kill -SEGV $$")).text == "[ended by SIGSEGV]"


async def test_a_command_that_begins_with_a_dash_is_no_option(bench: Bench) -> None:
    found = await bench.do(command="-x; echo still here")

    assert "still here" in found.text


async def test_it_runs_at_the_top_of_the_workspace_in_a_session_of_its_own(bench: Bench) -> None:
    found = await bench.do(command="pwd; [ $$ = $(cut -d' ' -f6 /proc/$$/stat) ] && echo own session")

    assert found.text == f"{bench.workspace.path}\nown session\n[exit status 0]"


@pytest.mark.timeout(20)
async def test_there_is_no_input_and_no_terminal(bench: Bench) -> None:
    found = await bench.do(command="cat; exec 3</dev/tty || echo no terminal")

    assert "no terminal" in found.text


async def test_a_command_sees_nothing_of_our_environment(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from runtime.tools.shell_exec_safe import ShellExecSafe\n"
        "from tests.runtime.tools.doubles import Bench, workspace_at\n"
        "bench = Bench(tool=ShellExecSafe(), workspace=workspace_at(Path(sys.argv[1])))\n"
        "print(asyncio.run(bench.do(command='env; cat /proc/self/environ')).text)\n"
    )
    ours = {"SLACK_BOT_TOKEN": "xoxb-canary", "BASH_ENV": "/canary", "PATH": "/canary", "LD_LIBRARY_PATH": "/canary"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), cwd=_root(), env=ours, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()

    assert b"[exit status 0]" in said
    assert b"canary" not in said
    names = {line.partition("=")[0] for line in said.decode().splitlines() if "=" in line and "\u2400" not in line}
    assert names == {"PATH", "HOME", "LANG", "TERM", "MALLARD_CALL", "PWD", "SHLVL", "_"}
    assert f"HOME={tmp_path}\n".encode() in said


async def test_output_is_shown_while_it_comes(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command="echo first; until [ -e go ]; do sleep 0.01; done; echo second")
    running = asyncio.ensure_future(bench.run(call))
    await bench.heard.wait()
    before = list(bench.shown)
    (tmp_path / "go").touch()
    await running

    assert before == ["first\n"]
    assert "".join(bench.shown) == "first\nsecond\n"


async def test_control_characters_of_the_output_are_made_visible(bench: Bench) -> None:
    found = await bench.do(command=r"printf 'a\033[2J\0b\rc\342\200\256\377'")

    assert found.text == "a␛[2J␀b\nc\\u202e\ufffd\n[exit status 0]"
    assert "".join(bench.shown) == "a␛[2J␀b\nc\\u202e\ufffd"


async def test_endless_output_keeps_its_head_and_tail(bench: Bench) -> None:
    found = await bench.do(command="seq 1 1000000")

    assert found.text.startswith("1\n2\n3\n")
    assert found.text.endswith("\n1000000\n[exit status 0]")
    assert "characters left out" in found.text
    assert len(found.text) <= ShellExecSafe.output_cap
    assert found.metadata["truncated"] is True
    assert bench.audits[0]["output_bytes"] == 6_888_896


@pytest.mark.promise(29)
async def test_a_time_out_ends_the_whole_family(bench: Bench, tmp_path: Path) -> None:
    found = await bench.do(command=FAMILY + "sleep 1000", timeout_s=1)

    assert (found.ok, found.error) == (False, "timed_out")
    assert found.text.startswith("ready\n")  # a shell may add that a child of its was terminated
    assert found.text.endswith("\n[stopped: it was not done after 1 seconds]")
    assert _alive(tmp_path) == []


@pytest.mark.promise(29)
async def test_stopping_ends_the_whole_family(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command=FAMILY + "sleep 1000")
    running = asyncio.ensure_future(bench.run(call))
    await bench.heard.wait()
    assert len(_alive(tmp_path)) == len(MEMBERS)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert _alive(tmp_path) == []


@pytest.mark.promise(29)
async def test_stopping_twice_is_stopping_once(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command=FAMILY + "sleep 1000")
    running = asyncio.ensure_future(bench.run(call))
    await bench.heard.wait()

    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert _alive(tmp_path) == []
    assert len(bench.audits) == 1


async def test_what_is_left_in_the_background_ends_with_the_command(bench: Bench, tmp_path: Path) -> None:
    found = await bench.do(command=FAMILY)

    assert found.ok
    assert found.text.startswith("ready\n")
    assert found.text.endswith("\n[exit status 0]")
    assert _alive(tmp_path) == []


async def test_a_neighbour_is_not_ended(bench: Bench, tmp_path: Path) -> None:
    other = Bench(tool=ShellExecSafe(), workspace=bench.workspace)
    running = asyncio.ensure_future(
        other.run(await other.ask(command="echo here; until [ -e go ]; do sleep 0.01; done"))
    )
    await other.heard.wait()

    await bench.do(command=FAMILY + "sleep 1000", timeout_s=1)
    (tmp_path / "go").touch()

    found = await running
    assert isinstance(found, Observation)
    assert found.text == "here\n[exit status 0]"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"command": "true"}, {"returncode": 0, "timed_out": False, "stopped": False}),
        ({"command": "exit 7"}, {"returncode": 7, "timed_out": False, "stopped": False}),
        ({"command": "sleep 1000", "timeout_s": 1}, {"returncode": -15, "timed_out": True, "stopped": False}),
    ],
)
async def test_a_command_is_audited_once(bench: Bench, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    await bench.do(**arguments)

    (entry,) = bench.audits
    assert {key: entry[key] for key in expected} == expected
    assert (entry["command"], entry["cwd"]) == (arguments["command"], bench.workspace.path)
    assert entry["duration_ms"] >= 0


async def test_a_stopped_command_is_audited_once(bench: Bench) -> None:
    running = asyncio.ensure_future(bench.run(await bench.ask(command="echo x; sleep 1000")))
    await bench.heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    (entry,) = bench.audits
    assert (entry["stopped"], entry["timed_out"], entry["returncode"]) == (True, False, -15)


async def test_a_command_stopped_at_once_is_audited_once(bench: Bench) -> None:
    call = await bench.ask(command="echo x > written; sleep 1000")
    for turns in range(12):
        bench.audits.clear()
        running = asyncio.ensure_future(bench.run(call))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        # Before its first turn a task has not begun, and there is nothing to record.
        assert len(bench.audits) == (1 if turns else 0), turns


async def test_a_command_that_could_not_be_started_is_audited_once(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command="true")
    os.rmdir(tmp_path)

    found = await bench.run(call)

    assert isinstance(found, Observation)
    assert (found.error, found.text) == ("not_started", "[it could not be started: No such file or directory]")
    (entry,) = bench.audits
    assert (entry["returncode"], entry["error"]) == (None, "No such file or directory")


async def test_the_audit_is_written_to_the_end_while_being_stopped(bench: Bench) -> None:
    writing, may_go_on, written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def audit(entry: JsonObject) -> None:
        writing.set()
        await may_go_on.wait()
        written.set()

    running = asyncio.ensure_future(_run(bench, audit, command="true"))
    await writing.wait()
    running.cancel()
    await asyncio.sleep(0)
    may_go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert written.is_set()


async def test_a_lost_lease_passes_through(bench: Bench) -> None:
    async def audit(entry: JsonObject) -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        await _run(bench, audit, command="true")


@pytest.mark.parametrize("command", ["", " \n\t", "a\x00b", "x" * 100_001])
async def test_what_no_shell_can_run_is_refused(bench: Bench, command: str) -> None:
    assert (await bench.review(command=command)).assessment.refusal


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("echo \u202egpj.exe", "echo \\u202egpj.exe"),
        ("rm\u200b -rf x", "rm\\u200b -rf x"),
        ("ls\rrm x", "ls␍rm x"),
        ("echo \x1b[8m", "echo ␛[8m"),
    ],
)
async def test_what_cannot_be_seen_in_a_command_is_written_out(bench: Bench, command: str, shown: str) -> None:
    assessment = (await bench.review(command=command)).assessment

    assert assessment.preview == shown
    assert shown in assessment.why_asked


@pytest.mark.parametrize("limit", [0, 601])
async def test_a_time_limit_is_between_a_second_and_ten_minutes(bench: Bench, limit: int) -> None:
    assert "`timeout_s` is wrong" in (await bench.review(command="ls", timeout_s=limit)).assessment.refusal


async def _run(bench: Bench, audit: Any, **arguments: Any) -> Observation | Stale:
    call = await bench.ask(**arguments)

    async def on_output(text: str) -> None:
        return None

    return await bench.gateway.run(call, bench.workspace, key="1", approved=True, on_output=on_output, audit=audit)


def _alive(place: Path) -> list[str]:
    """Who of the family is there: neither gone, nor ended and only waiting to be reaped."""
    return [name for name in MEMBERS if _lives(int((place / name).read_text()))]


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def _open_pipes() -> int:
    folder = Path("/proc/self/fd")
    return sum(os.path.exists(entry) and entry.is_fifo() for entry in folder.iterdir())


def _root() -> Path:
    return Path(__file__).parents[3]
