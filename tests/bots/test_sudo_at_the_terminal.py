"""The password of the machine's administrator: typed unseen at a real pseudo-terminal, and found nowhere afterwards."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard
from tests.bots.modelled import modelled
from tests.bots.terminals import Terminal
from tests.fakes.model import Received
from tests.fakes.replies import Reply, Say
from tests.fakes.sudo import PASSWORD, stand_in

ASKED = "Password for sudo"


def plan(received: Received) -> Reply:
    """What the person says is run as the administrator; then that is all."""
    text = json.dumps(received.body["messages"])
    if "JSON" not in text.upper() or received.body.get("stream"):
        return Say(text="It is done, as you see.")
    last = str(received.body["messages"][-1]["content"])
    said = next((line for line in reversed(last.splitlines()) if line.strip()), "")
    if "run it" not in said:
        return Say(text=json.dumps({"calls": []}))
    call = {
        "tool": "shell_exec_safe",
        "reason": "asked",
        "arguments": {"command": "echo once >> log.txt", "sudo": True},
    }
    return Say(text=json.dumps({"calls": [call]}))


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "bin").mkdir()
    with modelled(plan) as model:
        yield {
            **model,
            "MALLARD_SHELL_SUDO": str(stand_in(tmp_path / "bin")),
            "MALLARD_ASK_CRITICAL": "requester",
            "MALLARD_LOG_LEVEL": "debug",
        }


def log_of(folder: Path) -> str:
    path = folder / "workspace" / "log.txt"
    return path.read_text() if path.exists() else ""


def approve(anna: Terminal) -> None:
    anna.expect("Mallard is here")
    anna.type("run it")
    anna.expect("administrator (root)")
    anna.expect("[a 1] Approve")
    anna.type("a 1")
    anna.expect("To be run as the machine's administrator:")
    anna.expect("echo once >> log.txt")
    anna.expect(ASKED)


def traces(folder: Path) -> list[str]:
    """The files of the installation in which the password stands."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "bin"]
    assert {"mallard.db", "mallard.db-wal"} <= {path.name for path in files}
    return [path.name for path in files if PASSWORD.encode() in path.read_bytes()]


def test_a_password_is_typed_unseen_and_is_found_nowhere(tmp_path: Path, settings: dict[str, str]) -> None:
    with Terminal(tmp_path, **settings) as anna:
        approve(anna)
        assert log_of(tmp_path) == ""
        anna.type(PASSWORD)
        anna.expect("It is done")
        assert log_of(tmp_path) == "once\n"
        assert traces(tmp_path) == []
        anna.expect_prompt()
        anna.press("\x1b[A\x1b[A")  # the history of the lines above
        anna.expect("run it")
        anna.press("\x15")
        anna.type("history")
        anna.expect("run 1 · completed")
        anna.type("/quit")
        assert anna.leave() == 0
        assert PASSWORD not in anna.raw
        assert not [size for size in range(4, len(PASSWORD)) if "*" * size in anna.raw]


def test_a_line_that_was_begun_is_there_again_after_the_password(
    tmp_path: Path, settings: dict[str, str], mallard: Mallard
) -> None:
    with Terminal(tmp_path, **settings) as anna:
        anna.expect("Mallard is here")
        anna.type("run it")
        anna.expect("[a 1] Approve")
        anna.press("hist")
        anna.expect("hist")
        decided = mallard("approvals", "approve", "1", **settings)
        assert decided.returncode == 0, decided.stderr
        anna.expect(ASKED)
        anna.type(PASSWORD)
        anna.expect("It is done")
        anna.type("ory")
        anna.expect("run 1 · completed")


def test_a_wrong_password_runs_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    with Terminal(tmp_path, **settings) as anna:
        approve(anna)
        anna.type("quack")
        anna.expect("It is done")
        anna.type("run 1")
        anna.expect("The password was not accepted")
    assert log_of(tmp_path) == ""


def test_ctrl_c_gives_no_password_and_runs_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    with Terminal(tmp_path, **settings) as anna:
        approve(anna)
        anna.press(PASSWORD[:6])
        anna.press("\x03")
        anna.expect("It is done")
        anna.type("run 1")
        anna.expect("Nobody typed the password")
    assert log_of(tmp_path) == ""


@pytest.mark.promise(33)
def test_a_terminal_that_is_left_while_it_asks_shows_what_is_typed_again(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with Terminal(tmp_path, **settings) as anna:
        approve(anna)
        anna.process.send_signal(signal.SIGTERM)
        anna.expect("Leaving")
        anna.process.send_signal(signal.SIGTERM)
        assert anna.leave() != 0
        assert "Traceback" not in anna.text()
    assert log_of(tmp_path) == ""


def test_without_a_terminal_an_approved_call_is_refused_with_what_to_do(
    tmp_path: Path, settings: dict[str, str], mallard: Mallard
) -> None:
    piped = mallard("chat", stdin="run it\napprove 1\nrun 1\n", **settings)

    assert "This Mallard was not started at a terminal" in piped.stdout
    assert "Start `mallard up`" in piped.stdout
    assert log_of(tmp_path) == ""
