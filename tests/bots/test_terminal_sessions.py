"""What a person at a terminal goes through: a real process on a real pseudo-terminal, and a real database."""

import os
from pathlib import Path

import pytest

from tests.bots.terminals import ADD_A_LINE, Terminal, log_of


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
