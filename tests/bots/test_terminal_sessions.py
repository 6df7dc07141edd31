"""What a person at a terminal goes through: a real process on a real pseudo-terminal, and a real database."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard
from tests.bots.modelled import modelled
from tests.bots.terminals import Terminal
from tests.fakes.replies import Refuse

ADD_A_LINE = "run: echo once >> log.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "workspace").mkdir()
    return tmp_path


def log_of(folder: Path) -> list[str]:
    path = folder / "workspace" / "log.txt"
    return path.read_text().splitlines() if path.exists() else []


def is_anybody_running(words: str) -> bool:
    wanted = "\0".join(words.split()).encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (process / "cmdline").read_bytes():
                return True
    return False


def test_a_request_is_answered(folder: Path) -> None:
    (folder / "workspace" / "plans.txt").write_text("none")
    with Terminal(folder) as anna:
        anna.expect("No language model is configured")
        anna.type("list files")
        anna.expect("plans.txt")
        anna.type("/quit")
        assert anna.leave() == 0


@pytest.mark.promise(18)
def test_words_do_not_decide_and_are_answered(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("[a 1] Approve")
        anna.type("yes, go ahead")
        anna.expect("Approval 1 is still waiting")
        anna.type("approve")
        anna.expect("Pending approvals")
    assert log_of(folder) == []


@pytest.mark.promise(3)
def test_with_two_cards_open_a_key_needs_a_number_and_each_decides_itself(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("run: echo first >> log.txt")
        anna.expect("[a 1] Approve")
        anna.type("run: echo second >> log.txt")
        anna.expect("[a 2] Approve")
        anna.type("a")
        anna.expect("Which card? Say its number: a 1 or a 2.")
        anna.type("/quit")
        anna.expect("2 cards wait; they are here when you come back.")
        assert anna.leave() == 0
    with Terminal(folder) as anna:
        anna.expect("[a 2] Approve")
        anna.type("a 2")
        anna.expect("exit status 0")
        anna.type("d 1 not today")
        anna.expect("Denied by")
        anna.expect("not today")
        anna.type("pending")
        anna.expect("Nothing waits for a decision.")
    assert log_of(folder) == ["second"]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["by typing", "in a shell"])
def test_a_card_of_another_conversation_is_not_called_open_once_it_is_settled(
    folder: Path, mallard: Mallard, *, elsewhere: bool
) -> None:
    assert mallard("chat", "--once", ADD_A_LINE).returncode == 3
    with Terminal(folder, "chat", "--conversation", "other") as anna:
        anna.expect("open cards: 1")
        if elsewhere:
            assert mallard("approvals", "approve", "1").returncode == 0
        else:
            anna.type("approve 1")
            anna.expect("Approved by")
        anna.type("a")
        anna.expect("No card is open here.")
        assert "open cards" not in anna.expect("Ctrl-C stops a run · /quit leaves · help")


def test_the_line_below_says_what_to_press_while_cards_are_open(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("open cards: 1 · Ctrl-C stops a run · /quit leaves · help")


@pytest.mark.promise(21)
def test_a_denial_with_a_reason_reaches_the_answer(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("[d 1] Deny")
        anna.type("d 1")
        anna.expect("Why not?")
        anna.type("the log is full")
        anna.expect("Denied by")
        anna.expect("denied")
        anna.type("run 1")
        anna.expect("the log is full")
    assert log_of(folder) == []


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
        anna.expect_prompt()
        anna.press("\x03")
        anna.expect("run 1 is stopped")
        anna.expect("Ctrl-C again leaves.")
    assert "cancelled" in mallard("runs", "--all").stdout


def test_an_answer_can_be_waited_for_while_the_next_question_is_typed(folder: Path) -> None:
    gate = folder / "workspace" / "gate"
    os.mkfifo(gate)
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("run: sh -c 'cat gate'")
        anna.expect("[a 1] Approve")
        anna.type("a 1")
        anna.expect("Running shell_exec_safe")
        anna.type("history")
        anna.expect("run 1 · running")
        anna.type("list files")
        anna.expect("I heard you")
        gate.write_text("the gate is open\n")
        anna.expect("the gate is open")
        anna.expect("Files in the workspace")


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


@pytest.mark.promise(28)
def test_what_a_tool_found_cannot_steer_the_terminal(folder: Path) -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x9b5n fine print"
    (folder / "workspace" / "evil.txt").write_text(evil)
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("read evil.txt")
        anna.expect("fine print")
        assert "\x1b]52" not in anna.raw
        assert "\x1b[2J" not in anna.raw
        assert "\x9b" not in anna.raw


@pytest.mark.promise(13)
def test_everything_is_shown_on_demand(folder: Path) -> None:
    with Terminal(folder) as anna:
        anna.expect("Mallard is here")
        anna.type("run: sh -c 'echo " + "x" * 3000 + "END'")
        shown = anna.expect("[a 1] Approve")
        assert "END" not in shown.split("may decide")[-1]
        assert "bytes more: s 1 shows everything" in shown
        anna.type("s 1")
        anna.expect("END")
        anna.expect("digest")


@pytest.mark.promise(34)
def test_a_conversation_is_open_in_one_window_and_every_answer_appears_where_it_was_asked_for(
    folder: Path, mallard: Mallard
) -> None:
    gate = folder / "workspace" / "gate"
    os.mkfifo(gate)
    with Terminal(folder) as anna, Terminal(folder, "chat", "--conversation", "other") as also_anna:
        anna.expect("Mallard is here")
        also_anna.expect("Mallard is here")
        anna.type("run: sh -c 'cat gate'")
        anna.expect("[a 1] Approve")
        refused = mallard("chat", stdin="list files\n")
        assert refused.returncode == 1
        assert "is open in another window" in refused.stderr
        also_anna.type("list files")
        also_anna.expect("Files in the workspace")
        anna.type("a 1")
        anna.expect("Running shell_exec_safe")
        once = mallard("chat", "--once", "read gate.txt")
        assert once.returncode == 0
        gate.write_text("the gate is open\n")
        anna.expect("the gate is open")
        assert "Files in the workspace" not in anna.text()
        assert "the gate is open" not in also_anna.text() + once.stdout


@pytest.mark.promise(19)
def test_what_is_decided_in_another_window_is_answered_there_once_nobody_has_the_conversation_open(
    folder: Path, mallard: Mallard
) -> None:
    assert mallard("chat", "--once", ADD_A_LINE + "; cat log.txt").returncode == 3
    with Terminal(folder, "chat", "--conversation", "other") as anna:
        anna.expect("[a 1] Approve")
        anna.type("approve 1")
        anna.expect("exit status 0")
    assert "exit status 0" not in mallard("chat", stdin="\n").stdout


def test_a_window_that_decides_for_another_says_where_the_answer_appears(folder: Path) -> None:
    with Terminal(folder) as anna, Terminal(folder, "chat", "--conversation", "other") as also_anna:
        anna.expect("Mallard is here")
        also_anna.expect("Mallard is here")
        anna.type(ADD_A_LINE)
        anna.expect("[a 1] Approve")
        also_anna.type("approve 1")
        also_anna.expect("Run 1 answers in the window of 'local', where it was asked.")
        anna.expect("exit status 0")
        assert "exit status 0" not in also_anna.text()


def test_who_sits_here_is_told_alone_what_another_said_of_their_accounts_and_no_script_takes_it_from_them(
    folder: Path, mallard: Mallard
) -> None:
    assert mallard("chat", "--once", "help", LOGNAME="ben").returncode == 0
    assert mallard("people", "link", "terminal:anna", "slack:T1/UANNA", LOGNAME="ben").returncode == 0
    once = mallard("chat", "--once", "people", LOGNAME="anna")
    assert "You are slack:T1/UANNA, terminal:anna." in once.stdout.replace("`", "")
    assert "from now on" not in once.stdout

    with Terminal(folder, LOGNAME="anna") as anna:
        anna.expect("are one person from now on")
        anna.expect("terminal:ben said so")
