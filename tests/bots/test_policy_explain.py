"""`mallard policy explain`: what would happen and why, and nothing run."""

from pathlib import Path

import pytest

from tests.bots.conftest import Mallard

TOML = """
[[rules]]
tool = "read_file"
then = "deny"
why = "no reading"
workspace = "site"

[[rules]]
tool = "write_file"
conversation = "slack:T1/C1"
then = "run"

[[rules]]
tool = "shell_exec_safe"
person = "approvers"
then = "ask requester"

[[workspaces]]
name = "site"
path = "site"
conversations = ["slack:T1/C9"]
"""
ENV = "MALLARD_USERS=slack:T1/U1\nMALLARD_APPROVERS=slack:T1/U2\n"


@pytest.fixture
def explained(mallard: Mallard, tmp_path: Path) -> Mallard:
    (tmp_path / "mallard.toml").write_text(TOML)
    (tmp_path / ".env").write_text(ENV)
    assert mallard("chat", "--once", "run: touch once").returncode == 3

    def explain(*words: str) -> object:
        return mallard("policy", "explain", *words)

    return explain  # type: ignore[return-value]  # it is the same command with two words less


def test_it_says_what_would_happen_and_why_and_runs_nothing(explained: Mallard, tmp_path: Path) -> None:
    said = explained("sh -c 'touch ran.txt'", "--as", "slack:T1/U1").stdout
    assert "shell_exec_safe: high risk, effect external." in said
    assert "No rule matches; for high risk the settings say: ask approvers." in said
    assert "It would wait for an approver: slack:T1/U2, or whoever sits at the machine." in said

    said = explained("sh -c 'touch ran.txt'", "--as", "slack:T1/U2").stdout
    assert "The rule at mallard.toml, line 13 matches first: ask requester." in said
    assert "It would wait for the requester or an approver: slack:T1/U2, or" in said
    assert not (tmp_path / "workspace" / "ran.txt").exists()


def test_a_call_is_written_with_its_arguments(explained: Mallard) -> None:
    write = 'write_file {"path": "a.txt", "content": "x"}'
    there = explained(write, "--as", "slack:T1/U1", "--in", "slack:T1/C1").stdout
    assert "The rule at mallard.toml, line 8 matches first: run." in there
    assert "It would run at once." in there
    assert "ask requester" in explained(write, "--as", "slack:T1/U1", "--in", "slack:T1/C2").stdout
    read = 'read_file {"path": "a.txt"}'
    assert "It would be refused: no reading" in explained(read, "--as", "slack:T1/U1", "--in", "slack:T1/C9").stdout
    assert "It would be refused: no reading" in explained(read, "--as", "slack:T1/U1", "--workspace", "site").stdout
    assert "It would run at once." in explained(read, "--as", "slack:T1/U1").stdout
    outside = explained('read_file {"path": "../.env"}', "--as", "slack:T1/U1").stdout
    assert "read_file refuses this call, and no rule, grant or approval lifts that:" in outside


@pytest.mark.promise(15)
def test_the_grant_that_covers_it_is_named(explained: Mallard, mallard: Mallard) -> None:
    assert "Nothing is decided yet" in mallard("approvals", "approve", "1", "--always", "--terms", "prefix").stdout
    assert mallard("grants", "list").stdout == "Nothing is allowed without asking.\n"
    given = mallard("approvals", "approve", "1", "--always", "--terms", "prefix yes 5 times: touch")
    assert given.returncode == 0, given.stdout
    listed = mallard("grants", "list").stdout
    assert "touch …" in listed
    assert "0 of 5" in listed
    said = explained("touch twice").stdout
    assert "Grant 1 covers it: every command that begins with the words `touch`, whatever follows" in said
    assert "It would run at once, by that grant." in said
    assert "It would wait for" in explained("touch twice; ls").stdout


def test_what_cannot_be_read_is_said_in_a_sentence(explained: Mallard) -> None:
    for words, said in (
        (("ls", "--as", "bob"), "'bob' is not a person"),
        (("ls", "--as", "slack:T1/@bob"), "'slack:T1/@bob' can be nobody. Right would be slack:TEAM/USER"),
        (("ls", "--in", "slack:C1"), "'slack:C1' is not a conversation. Right would be slack:TEAM/CHANNEL"),
        (("ls", "--in", "C1"), "'C1' is not a conversation"),
        (("ls", "--workspace", "sites"), "There is no workspace 'sites'. There are: default, site."),
        (("read_file {", "--as", "slack:T1/U1"), "The arguments of read_file are not JSON"),
    ):
        result = explained(*words)
        assert result.returncode == 1
        assert said in result.stderr
    assert "may not talk to Mallard" in explained("ls", "--as", "slack:T1/U9").stdout
