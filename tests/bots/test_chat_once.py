"""`mallard chat --once` and lines from a pipe: for scripts, with an exit status that tells how it ended."""

import asyncio
import json
import re
import signal
import threading
import time
from pathlib import Path

import pytest
from aiohttp import web

from bots.web.server import serve
from tests.bots.conftest import Mallard
from tests.bots.modelled import modelled
from tests.bots.terminals import Terminal
from tests.fakes.model import Received, Script
from tests.fakes.replies import Hang, Refuse, Reply, Say

SLOWLY = {"tool": "shell_exec_safe", "arguments": {"command": "sh -c 'echo slowly'"}, "reason": "asked"}


def test_an_answer_stands_alone_on_stdout(mallard: Mallard, workspace: Path) -> None:
    result = mallard("chat", "--once", "read notes.txt")
    assert result.returncode == 0
    assert "buy bread" in result.stdout
    assert "Mallard is here" not in result.stdout + result.stderr
    assert "\x1b" not in result.stdout


@pytest.mark.promise(2)
def test_a_run_that_waits_says_how_to_decide_and_goes_on_in_another_process(mallard: Mallard, workspace: Path) -> None:
    asked = mallard("chat", "--once", "run: echo once >> log.txt")
    assert asked.returncode == 3
    assert asked.stdout == ""
    assert "command: echo once >> log.txt" in asked.stderr
    assert 'mallard chat --once "approve 1"' in asked.stderr
    assert not (workspace / "log.txt").exists()
    assert mallard("approvals", "approve", "1").returncode == 0
    later = mallard("chat", "--once", "help")
    assert later.returncode == 0
    assert (workspace / "log.txt").read_text() == "once\n"


def test_deciding_and_going_on_can_be_one_command(mallard: Mallard, workspace: Path) -> None:
    assert mallard("chat", "--once", "run: sh -c 'echo done'").returncode == 3
    result = mallard("chat", "--once", "approve 1")
    assert result.returncode == 0
    assert "Approved by" in result.stdout
    assert "exit status 0" in result.stdout


def test_a_decision_has_the_status_of_what_it_decided(mallard: Mallard, workspace: Path) -> None:
    for text in ("run: sh -c 'echo one'", "run: sh -c 'echo two'"):
        assert mallard("chat", "--once", text).returncode == 3

    denied = mallard("chat", "--once", "deny 1: not today")
    assert denied.returncode == 4
    assert "not today" in denied.stdout
    changed = mallard("chat", "--once", "change 2: run: sh -c 'echo three'")
    assert changed.returncode == 3
    assert 'Decide and go on: mallard chat --once "approve 3"' in changed.stderr
    assert mallard("chat", "--once", "approve 3").returncode == 0


@pytest.mark.parametrize("text", ["approve 99", "approve", "approve 1"], ids=["unknown", "no-number", "decided-before"])
def test_where_nothing_is_decided_the_status_says_so(mallard: Mallard, workspace: Path, text: str) -> None:
    assert mallard("chat", "--once", "run: sh -c 'echo one'").returncode == 3
    assert mallard("chat", "--once", "deny 1: not today").returncode == 4

    result = mallard("chat", "--once", text)

    assert result.returncode == 1
    assert result.stdout


@pytest.mark.promise(19)
def test_an_answer_that_a_script_does_not_print_is_kept_for_the_chat(mallard: Mallard, workspace: Path) -> None:
    assert mallard("chat", "--once", "run: sh -c 'echo late news'").returncode == 3
    assert mallard("approvals", "approve", "1").returncode == 0
    other = mallard("chat", "--once", "list files")
    assert other.returncode == 0
    assert "late news" not in other.stdout + other.stderr

    assert "late news" in mallard("chat", stdin="\n").stdout


@pytest.mark.promise(19)
def test_a_decision_prints_the_answer_also_of_a_run_that_was_asked_in_a_window_of_its_own(
    mallard: Mallard, workspace: Path
) -> None:
    with Terminal(workspace.parent) as anna:
        anna.expect("Mallard is here")
        assert mallard("chat", "--once", "run: sh -c 'echo done'").returncode == 3

        result = mallard("chat", "--once", "approve 1")

        assert result.returncode == 0
        assert "Approved by" in result.stdout
        assert "exit status 0" in result.stdout
    assert "exit status 0" not in anna.text()


def test_a_decision_prints_the_answer_and_leaves_it_to_the_window_that_asked(mallard: Mallard, workspace: Path) -> None:
    with Terminal(workspace.parent) as anna:
        anna.expect("Mallard is here")
        anna.type("run: sh -c 'echo done'")
        anna.expect("[a 1] Approve")

        result = mallard("chat", "--once", "approve 1")

        anna.expect("exit status 0")
        assert result.returncode == 0
        assert "exit status 0" in result.stdout


def test_what_a_script_of_its_own_conversation_left_behind_is_shown_by_the_usual_one(
    mallard: Mallard, workspace: Path
) -> None:
    with Terminal(workspace.parent) as anna:
        anna.expect("Mallard is here")
        assert mallard("chat", "--once", "run: sh -c 'echo late news'").returncode == 3
        assert mallard("approvals", "approve", "1").returncode == 0
        anna.expect("late news")


def test_a_call_that_the_policy_denies_has_a_status_of_its_own(mallard: Mallard, workspace: Path) -> None:
    result = mallard("chat", "--once", "run: sh -c 'echo x'", MALLARD_ASK_HIGH="other_approver")
    assert result.returncode == 4
    assert "MALLARD_APPROVERS" in result.stdout


async def test_a_failed_run_has_a_status_of_its_own(mallard: Mallard, workspace: Path) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"error": {"message": "no such key"}}, status=401)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", refuse)
    async with serve(app, "127.0.0.1", 0) as port:
        result = await asyncio.to_thread(
            mallard,
            "chat", "--once", "hello",
            MALLARD_MODEL_BASE_URL=f"http://127.0.0.1:{port}/v1", MALLARD_MODEL_NAME="m", NO_PROXY="127.0.0.1",
        )  # fmt: skip
    assert result.returncode == 1
    assert "Run 1 failed." in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.promise(36)
def test_a_model_that_is_away_is_said_and_the_run_is_stopped(mallard: Mallard, workspace: Path) -> None:
    with modelled(lambda _: Refuse(status=503, message="overloaded", retry_after="0")) as model:
        result = mallard("chat", "--once", "hello", **model)

    assert result.returncode == 1
    assert result.stdout == ""
    scripted = f"scripted at {model['MALLARD_MODEL_BASE_URL']}"
    assert result.stderr == (
        f"{scripted}, try 1 of 4: it answered 503: overloaded\n"
        f"{scripted} gave no answer in 4 tries: it answered 503: overloaded. Run 1 was stopped.\n"
    )
    assert "cancelled" in mallard("runs", "--all").stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_script_that_is_told_to_leave_stops_its_run(
    mallard: Mallard, workspace: Path, number: signal.Signals
) -> None:
    called = threading.Event()

    def think(_: Received) -> Reply:
        called.set()
        return Hang()

    with modelled(think) as model, Terminal(workspace.parent, "chat", "--once", "hello", **model) as script:
        assert called.wait(30)
        script.process.send_signal(number)
        script.expect("Run 1 was stopped.")
        assert script.leave() == 128 + number
    assert "cancelled" in mallard("runs", "--all").stdout


def away_after_a_tool(retry_after: str) -> Script:
    def think(received: Received) -> Reply:
        if "hello.txt" in str(received.body):
            return Refuse(status=503, message="overloaded", retry_after=retry_after)
        call = {"tool": "write_file", "arguments": {"path": "hello.txt", "content": "hello"}, "reason": "asked"}
        return Say(text=json.dumps({"calls": [call]}))

    return think


@pytest.mark.promise(36)
@pytest.mark.parametrize("retry_after", ["0", "1200"])
def test_a_run_that_was_let_go_on_is_kept_and_who_goes_on_with_it_is_said_once(
    mallard: Mallard, workspace: Path, retry_after: str
) -> None:
    with modelled(away_after_a_tool(retry_after)) as model:
        assert mallard("chat", "--once", "greet", **model).returncode == 3
        decided = mallard("chat", "--once", "approve 1", **model)

    assert decided.returncode == 1
    assert decided.stdout.splitlines()[0] == "Approval 1"
    assert [line.split(" by ")[0] for line in decided.stdout.splitlines()[1:]] == ["Approved"]
    kept = r" 503: overloaded\. Run 1 is kept: mallard chat goes on with it, at \d\d:\d\d:\d\d \S+ at the earliest\.\n$"
    assert re.search(kept, decided.stderr)


def test_what_waits_for_the_model_before_it_is_named_and_kept(mallard: Mallard, workspace: Path) -> None:
    with modelled(away_after_a_tool("0")) as model:
        assert mallard("chat", "--once", "greet", **model).returncode == 3
        assert mallard("chat", "--once", "approve 1", **model).returncode == 1
        later = mallard("chat", "--once", "greet again", **model)

    assert later.returncode == 1
    assert "Run 1, which is before it, waits for the language model" in later.stderr
    assert "Run 2 was stopped." in later.stderr
    assert [line.split()[0] for line in mallard("runs").stdout.splitlines() if "queued" in line] == ["1"]


def test_nothing_to_say_is_said(mallard: Mallard) -> None:
    assert mallard("chat", "--once", " ").returncode == 1
    assert mallard("chat", "--once").returncode == 2


@pytest.mark.promise(36)
def test_a_decision_waits_for_the_run_that_it_let_go_on_while_the_model_of_another_is_away(
    mallard: Mallard, workspace: Path
) -> None:
    def think(received: Received) -> Reply:
        if "slowly" in str(received.body):
            time.sleep(0.5)
            return Say(text=json.dumps({"calls": []}))
        if "hello.txt" in str(received.body):
            return Refuse(status=503, message="overloaded", retry_after="1200")
        return Say(text=json.dumps({"calls": [SLOWLY]}))

    with modelled(think) as model:
        assert mallard("chat", "--once", "go", **model).returncode == 3
        with Terminal(workspace.parent, **model) as anna:
            anna.expect("Mallard is here")
            anna.type("read hello.txt")
            anna.expect("wants to be asked again in 20 minutes")
            anna.kill()
        decided = mallard("chat", "--once", "approve 1", **model)

    assert (decided.returncode, decided.stderr) == (0, "")
