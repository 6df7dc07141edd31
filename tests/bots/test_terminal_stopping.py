"""Stopping and leaving at a terminal: what runs ends, what waits stays, and what a kill left is over."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard
from tests.bots.modelled import modelled
from tests.bots.terminals import ADD_A_LINE, Terminal, log_of
from tests.fakes.replies import Refuse


def is_anybody_running(words: str) -> bool:
    wanted = "\0".join(words.split()).encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (process / "cmdline").read_bytes():
                return True
    return False


@pytest.mark.promise(29)
def test_ctrl_c_stops_what_runs_and_a_second_one_leaves(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("run: sleep 600; echo late >> log.txt")
        anna.expect("[a 1] Approve")
        anna.type("a 1")
        anna.expect("Running shell_exec_safe")
        anna.press("\x03")
        anna.expect("is being stopped")
        anna.expect("Ctrl-C again leaves.")
        anna.expect("Stopped by")
        anna.expect_prompt()
        anna.press("\x03")
        assert anna.leave() == 0
    assert log_of(folder) == []


def test_the_word_stop_takes_cards_too_and_they_say_who_it_was(folder: Path) -> None:
    with Terminal(folder, LOGNAME="anna") as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("[a 1] Approve")
        anna.type("help")
        anna.expect("its cards go too")
        anna.type("stop")
        anna.expect("Card 1: Withdrawn: terminal:anna stopped run 1.")


def test_leaving_with_ctrl_c_keeps_the_card(folder: Path, mallard: Mallard) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("open cards: 1")
        anna.press("\x03")
        anna.expect("Ctrl-C again leaves.")
        anna.expect_prompt()
        anna.press("\x03")
        anna.expect("1 card waits; it is here when you come back.")
        assert anna.leave() == 0
    assert "waiting" in mallard("runs").stdout


def test_ctrl_c_leaves_cards_and_lines_that_wait_their_turn(folder: Path, mallard: Mallard) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("[a 1] Approve")
        anna.type("run: sleep 600; echo late >> log.txt")
        anna.expect("[a 2] Approve")
        anna.type("a 2")
        anna.expect("Approved by")
        anna.type("list files")
        anna.expect("I heard you")
        anna.expect_prompt()
        anna.press("\x03")
        anna.expect("run 2 is being stopped")
        anna.expect("Files in the workspace")
        assert "Withdrawn" not in anna.text()
    assert "echo once" in mallard("runs", "--status", "waiting").stdout


def test_ctrl_c_stops_a_run_that_waits_for_the_model(folder: Path, mallard: Mallard) -> None:
    with modelled(lambda _: Refuse(status=503, retry_after="0")) as model, Terminal(folder, **model) as anna:
        anna.expect("Mallard is here")
        anna.type("hello")
        anna.expect("run 1 waits for the model")
        anna.type("help")  # what is printed has the line below drawn whole
        anna.expect("run 1 waits for its model, and asks it again at ")
        anna.expect(" · Ctrl-C stops that · /quit leaves")
        anna.press("\x03")
        anna.expect("run 1 is stopped")
        anna.expect("Ctrl-C again leaves.")
    assert "cancelled" in mallard("runs", "--all").stdout


@pytest.mark.promise(32)
def test_a_second_signal_does_not_wait_and_what_ran_is_asked_about(folder: Path) -> None:
    gate = folder / "workspace" / "gate"
    os.mkfifo(gate)
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("run: sh -c 'cat gate'")
        anna.expect("[a 1] Approve")
        anna.type("a 1")
        anna.expect("Running shell_exec_safe")
        with gate.open("w"):  # which takes until it is read: what had not begun would simply be run again
            anna.process.send_signal(signal.SIGTERM)
            anna.expect("Leaving")
            anna.process.send_signal(signal.SIGTERM)
            assert anna.leave() != 0
        assert "Traceback" not in anna.text()
    with Terminal(folder) as anna:
        anna.expect("[m 2] Mark done")
        anna.type("m 2")
        anna.expect("Marked as done")


@pytest.mark.promise(31)
@pytest.mark.promise(32)
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux who is running")
def test_what_a_kill_left_running_is_over_when_somebody_is_asked_what_came_of_it(folder: Path) -> None:
    gate, rest = folder / "workspace" / "gate", f"sleep {os.getpid()}.27182818"
    os.mkfifo(gate)
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(f"run: sh -c 'cat gate; {rest}; echo late >> log.txt'")
        anna.expect("[a 1] Approve")
        anna.type("a 1")
        with gate.open("w"):  # which takes until it is read
            pass
        anna.kill()
    with Terminal(folder) as anna:
        anna.expect("[m 2] Mark done")
        assert not is_anybody_running(rest)
    assert log_of(folder) == []
