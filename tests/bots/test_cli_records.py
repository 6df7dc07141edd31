"""Looking at the record and keeping it, from the shell."""

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard, run_mallard
from tests.bots.terminals import Terminal
from tests.storage.desk import asks, open_desk


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with an answered run, and a run that waits for approval 1. Tests work on copies of it."""
    folder = tmp_path_factory.mktemp("past")
    for request, status in (("list files", 0), ("run: sh -c 'echo once'", 3)):
        assert run_mallard(folder, "chat", "--once", request).returncode == status
    return folder


@pytest.fixture
def lived_in(past: Path, mallard: Mallard, tmp_path: Path) -> Mallard:
    shutil.copytree(past, tmp_path, dirs_exist_ok=True)
    return mallard


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_runs_shows_what_is_open_and_all_what_ended(lived_in: Mallard) -> None:
    assert [line["id"] for line in lines(lived_in("runs", "--json").stdout)] == [2]
    assert [line["id"] for line in lines(lived_in("runs", "--all", "--json").stdout)] == [2, 1]
    assert [line["id"] for line in lines(lived_in("runs", "--status", "completed", "--json").stdout)] == [1]
    table = lived_in("runs", "--all").stdout
    assert "run: sh -c 'echo once'" in table
    assert "terminal/local" in table


@pytest.mark.promise(39)
def test_run_tells_what_happened_and_who_decided(lived_in: Mallard) -> None:
    assert lived_in("approvals", "deny", "1", "--reason", "not on a Friday").returncode == 0
    told = lived_in("run", "2").stdout
    assert "approval 1 (shell_exec_safe): deny by terminal:" in told
    assert "saying: not on a Friday" in told
    events = lines(lived_in("run", "2", "--json").stdout)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert lived_in("run", "99").returncode == 1
    assert "There is no run 99." in lived_in("run", "99").stderr


def test_approvals_are_listed_shown_and_decided_once(lived_in: Mallard) -> None:
    (card,) = lines(lived_in("approvals", "list", "--json").stdout)
    assert (card["id"], card["tool"], card["run"]) == (1, "shell_exec_safe", 2)
    assert "echo once" in lived_in("approvals").stdout
    assert lines(lived_in("approvals", "--json").stdout) == [card]
    shown = lived_in("approvals", "show", "1").stdout
    assert str(card["digest"]) in shown
    assert "Approve: mallard approvals approve 1\n" in shown
    assert "[a 1]" not in shown, "a shell has no keys"
    assert lived_in("approvals", "approve", "1").returncode == 0
    late = lived_in("approvals", "deny", "1")
    assert late.returncode == 1
    assert "settled before you" in late.stdout
    unknown = lived_in("approvals", "approve", "99")
    assert unknown.returncode == 1
    assert "There is no approval 99" in unknown.stdout
    assert "Nothing waits for a decision." in lived_in("approvals").stdout


def test_approvals_lists_every_one_however_many_there_are(mallard: Mallard, tmp_path: Path) -> None:
    asyncio.run(ask_for_approvals(tmp_path / "data" / "mallard.db", 70))

    assert [card["id"] for card in lines(mallard("approvals", "list", "--json").stdout)] == list(range(1, 71))
    assert "70 approvals wait for a decision." in mallard("approvals").stdout


async def ask_for_approvals(database: Path, count: int) -> None:
    async with open_desk(database) as desk:
        for _ in range(count):
            await desk.suspend(asks())


@pytest.mark.promise(15)
def test_always_is_a_grant_that_is_listed_used_and_revoked(mallard: Mallard) -> None:
    assert mallard("chat", "--once", "run: sh -c 'echo once'").returncode == 3
    assert mallard("approvals", "approve", "1", "--always").returncode == 0
    (grant,) = lines(mallard("grants", "list", "--json").stdout)
    assert grant["tool"] == "shell_exec_safe"
    assert lines(mallard("grants", "--json").stdout) == [grant]
    assert mallard("grants").stdout == mallard("grants", "list").stdout
    result = mallard(
        "chat", stdin="run: sh -c 'echo once'\nrun: sh -c 'echo twice'\n"
    )  # the first of them twice: once as decided
    assert result.stdout.count("was run") == 2
    assert "Approval 2" in result.stdout
    assert mallard("grants", "revoke", "1").returncode == 0
    assert "There is no grant 1 that still holds." in mallard("grants", "revoke", "1").stderr
    assert mallard("grants", "list").stdout == "Nothing is allowed without asking.\n"
    assert "revoked by terminal:" in mallard("grants", "list", "--all").stdout
    assert "revoked by terminal:" in mallard("grants", "--all").stdout
    assert mallard("chat", "--once", "run: sh -c 'echo once'").returncode == 3


@pytest.mark.promise(38)
def test_audit_verifies_and_finds_what_was_changed(lived_in: Mallard, tmp_path: Path) -> None:
    assert lived_in("audit", "verify").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "mallard.db") as connection:
        connection.execute("UPDATE payloads SET body = x'7b7d' WHERE run_id = 2 AND seq = 1")
    result = lived_in("audit", "verify")
    assert result.returncode == 1
    assert "run 2, event 1: the payload of event 1 (run_created) was changed." in result.stdout
    assert "fail  audit" in lived_in("doctor").stdout


@pytest.mark.promise(38)
def test_a_head_that_was_kept_elsewhere_tells_when_the_record_is_not_the_one_it_was_taken_of(lived_in: Mallard) -> None:
    assert lived_in("backup", "older.db").returncode == 0
    assert lived_in("approvals", "deny", "1").returncode == 0
    assert lived_in("chat", "--once", "run: sh -c 'echo twice'").returncode == 3
    head = lived_in("audit", "verify").stdout.partition("Head: ")[2].strip()

    assert lived_in("chat", "--once", "list files").returncode == 0
    again = lived_in("audit", "verify", "--expect", head)
    assert again.returncode == 0
    assert "that you kept stands in it" in again.stdout
    cut = lived_in("audit", "verify", "--expect", head, MALLARD_DATABASE="older.db")
    assert cut.returncode == 1
    assert f"The head {head} is not in this record" in cut.stderr
    assert lived_in("audit", "verify", MALLARD_DATABASE="older.db").returncode == 0
    assert "is not a head" in lived_in("audit", "verify", "--expect", "12").stderr


@pytest.mark.promise(39)
def test_audit_exports_every_event_once(lived_in: Mallard, tmp_path: Path) -> None:
    exported = lines(lived_in("audit", "export").stdout)
    with sqlite3.connect(tmp_path / "data" / "mallard.db") as connection:
        assert len(exported) == connection.execute("SELECT count(*) FROM events").fetchone()[0]
    assert {"run", "seq", "type", "at", "body"} == set(exported[0])
    assert lived_in("audit", "export", "--to", "out.jsonl").returncode == 0
    assert lines((tmp_path / "out.jsonl").read_text()) == exported
    assert lived_in("audit", "export", "--to", "out.jsonl").returncode == 1
    assert lived_in("audit", "export", "--since", "2099-01-01").stdout == ""


def test_a_backup_is_a_whole_installation(lived_in: Mallard, tmp_path: Path) -> None:
    assert lived_in("backup", "kept/copy.db").returncode == 0
    again = lived_in("backup", "kept/copy.db")
    assert again.returncode == 1
    assert "exists already" in again.stderr
    listed = lived_in("runs", "--all", "--json", MALLARD_DATABASE="kept/copy.db")
    assert [line["id"] for line in lines(listed.stdout)] == [2, 1]
    assert lived_in("audit", "verify", MALLARD_DATABASE="kept/copy.db").returncode == 0


@pytest.mark.promise(38)
def test_pruning_removes_what_ended_asks_first_and_leaves_a_chain_that_verifies(lived_in: Mallard) -> None:
    assert "No run ended before" in lived_in("prune", "--older-than", "1d").stdout
    declined = lived_in("prune", "--older-than", "0h", stdin="n\n")
    assert declined.returncode == 1
    assert "Remove 1 run that ended" in declined.stdout
    assert len(lines(lived_in("runs", "--all", "--json").stdout)) == 2
    assert "Removed: 1 run." in lived_in("prune", "--older-than", "0h", "--yes").stdout
    assert [line["id"] for line in lines(lived_in("runs", "--all", "--json").stdout)] == [2]
    assert lived_in("audit", "verify").returncode == 0
    assert lived_in("chat", "--once", "approve 1").returncode == 0


def test_slack_manifest_is_json_to_paste(mallard: Mallard) -> None:
    manifest = json.loads(mallard("slack", "manifest").stdout)
    assert manifest["settings"]["socket_mode_enabled"] is True
    served = json.loads(mallard("slack", "manifest", "--url", "https://m.example/slack/events").stdout)
    assert served["settings"]["event_subscriptions"]["request_url"] == "https://m.example/slack/events"


def test_a_decision_says_who_goes_on_with_the_run(mallard: Mallard, tmp_path: Path) -> None:
    for number in (1, 2):
        assert mallard("chat", "--once", f"write note{number}.txt: hello").returncode == 3

    decided = mallard("approvals", "approve", "1")
    assert "Run 1 goes on once a process serves terminal: start `mallard chat`." in decided.stdout

    with Terminal(tmp_path) as anna:
        anna.expect("Mallard is here")
        anna.expect("[a 2] Approve")
        decided = mallard("approvals", "approve", "2")
        anna.expect("note2.txt")
    assert "Run 2 goes on in the process that serves terminal." in decided.stdout
