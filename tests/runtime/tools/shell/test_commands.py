"""shell_exec_safe: what it runs is seen and heard, and sees nothing of ours."""

import asyncio
import sys
from pathlib import Path

import pytest

from runtime.records import Effect, Risk
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench


async def test_a_command_needs_a_yes_and_is_never_repeated_by_itself(bench: Bench) -> None:
    reviewed = await bench.review(command="make")

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.EXTERNAL, Risk.HIGH)
    assert "There is no sandbox here" in reviewed.assessment.why_asked
    unasked = {"network": False, "outside_sandbox": False, "sudo": False}
    assert reviewed.arguments == {"command": "make", "timeout_s": 60, **unasked}


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
        "from tests.runtime.tools.shell.judging import no_sandbox\n"
        "bench = Bench(tool=ShellExecSafe(find=no_sandbox), workspace=workspace_at(Path(sys.argv[1])))\n"
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
        ("rm\u00a0-rf\u3000x", "rm\\u00a0-rf\\u3000x"),
        ("echo a\U000e0101\u3164b", "echo a\\U000e0101\\u3164b"),
        ("echo 👩\u200d💻 ❤\ufe0f", "echo 👩\\u200d💻 ❤\\ufe0f"),
    ],
)
async def test_what_cannot_be_seen_in_a_command_is_written_out(bench: Bench, command: str, shown: str) -> None:
    assessment = (await bench.review(command=command)).assessment

    assert assessment.preview == shown
    assert shown in assessment.why_asked


@pytest.mark.parametrize("limit", [0, 601])
async def test_a_time_limit_is_between_a_second_and_ten_minutes(bench: Bench, limit: int) -> None:
    assert "`timeout_s` is wrong" in (await bench.review(command="ls", timeout_s=limit)).assessment.refusal


def _root() -> Path:
    return Path(__file__).parents[4]
