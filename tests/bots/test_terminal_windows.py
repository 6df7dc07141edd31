"""Several windows at one database: every card and every answer appears where it should, once."""

import os
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard
from tests.bots.terminals import ADD_A_LINE, Terminal


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
