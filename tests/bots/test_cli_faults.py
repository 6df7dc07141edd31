"""A command that cannot do its work says so in a sentence, says what to do, and never shows a traceback."""

import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bots.conftest import Mallard, run_mallard
from tests.command import COMMAND, environment


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("runs",), "There is no database at"),
        (("grants", "list"), "`mallard up` makes it."),
        (("approvals",), "There is no database at"),
        (("audit", "verify"), "There is no database at"),
        (("backup", "copy.db"), "There is no database at"),
        (("prune", "--older-than", "soon"), "'soon' is not an age. Write a number and h, d or w: 90d, 12w, 48h."),
        (("runs", "--status", "lost"), "'lost' is not a status. There are: queued, running, waiting"),
        (("audit", "export", "--since", "once"), "'once' is neither a day (2026-01-31) nor an age (7d)."),
        (("up", "telegram"), "'telegram' is not a platform of Mallard"),
        (("up", "slack"), "MALLARD_SLACK_BOT_TOKEN"),
        (("up", "discord"), "MALLARD_DISCORD_TOKEN is missing"),
        (("discord", "invite"), "MALLARD_DISCORD_TOKEN is missing"),
        (("discord", "invite", "--guild", "pond"), "A server's id is a number"),
        (
            ("slack", "manifest", "--url", "foo"),
            "'foo' is not a public https address, and Slack calls no other. Right would be",
        ),
        (("slack", "manifest", "--url", "http://m.example/slack/events"), "https://your.host/slack/events."),
        (("slack", "manifest", "--url", "https://"), "is not a public https address"),
        (("slack", "manifest", "--url", "https://m.example:x/"), "is not a public https address"),
    ],
)
def test_a_command_that_cannot_work_says_why(mallard: Mallard, arguments: tuple[str, ...], words: str) -> None:
    result = mallard(*arguments)
    assert words in result.stderr
    assert result.returncode == 1
    assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    "words",
    [
        "--help", "up discord", "chat --once ''", "runs", "run 1", "doctor", "backup copy.db", "prune --older-than soon",
        "approvals", "approvals deny 1", "grants list", "policy explain ls", "people list", "people link slack:T1/U1 discord:42",
        "memory list", "skills list", "skills check x", "audit verify", "audit export", "slack manifest", "discord invite",
    ],
)  # fmt: skip
def test_a_command_says_the_same_where_nothing_was_imported_before(
    mallard: Mallard, fresh_mallard: Mallard, words: str
) -> None:
    hatched, fresh = mallard(*shlex.split(words)), fresh_mallard(*shlex.split(words))
    assert (fresh.returncode, fresh.stdout, fresh.stderr) == (hatched.returncode, hatched.stdout, hatched.stderr)
    assert "Traceback" not in fresh.stderr + fresh.stdout


def test_wrong_usage_is_told_apart_from_failure(mallard: Mallard) -> None:
    for arguments in (("fly",), ("run", "first"), ("chat", "--twice", "x"), ("approvals", "approve")):
        result = mallard(*arguments)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize("words", ["approvals --json approve 1", "grants --json list", "grants --all revoke 1"])
def test_an_option_that_would_be_lost_before_a_command_is_refused(mallard: Mallard, words: str) -> None:
    result = mallard(*shlex.split(words))
    assert result.returncode == 2
    assert "would mean nothing before" in result.stderr


def test_every_command_names_a_wrong_setting(mallard: Mallard) -> None:
    for arguments in (("runs",), ("chat", "--once", "hello"), ("up",)):
        result = mallard(*arguments, MALLARD_MAX_STEPS="many")
        assert result.returncode == 1
        assert "MALLARD_MAX_STEPS in the environment is 'many'. Right would be a valid integer" in result.stderr


@pytest.mark.promise(35)
def test_nothing_starts_from_an_env_with_a_line_that_sets_nothing(mallard: Mallard, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# ours\nMALLARD_APPROVERS slack:T1/U1\n")
    for words in (("up",), ("chat", "--once", "help")):
        result = mallard(*words)
        assert result.returncode == 1
        assert result.stderr.strip().splitlines() == [
            ".env, line 2 has no = in it. Right would be MALLARD_APPROVERS=value, or a # at its beginning where it sets nothing."
        ]
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_file_that_is_no_database_is_named_and_left_alone(mallard: Mallard, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    database = tmp_path / "data" / "mallard.db"
    database.write_text("this is a shopping list, and it is long enough to be looked at by SQLite\n" * 50)
    before = database.read_bytes()
    for arguments in (("runs",), ("chat", "--once", "hello"), ("audit", "verify"), ("doctor",)):
        result = mallard(*arguments)
        assert result.returncode == 1
        assert "it is not a SQLite database" in result.stderr + result.stdout
        assert "Traceback" not in result.stderr + result.stdout
    assert database.read_bytes() == before


@pytest.mark.promise(35)
def test_a_database_of_a_newer_version_is_left_to_it(mallard: Mallard, tmp_path: Path) -> None:
    assert mallard("chat", "--once", "help").returncode == 0
    with sqlite3.connect(tmp_path / "data" / "mallard.db") as connection:
        connection.execute("INSERT INTO migrations (number, name, digest, applied_at) VALUES (9999, 'x', 'x', 0)")
    result = mallard("runs")
    assert result.returncode == 1
    assert "was written by a newer Mallard" in result.stderr


def test_help_names_every_command_and_is_quick(fresh_mallard: Mallard) -> None:
    result = fresh_mallard("--help", PYTHONPROFILEIMPORTTIME="1")
    assert result.returncode == 0
    for command in ("up", "chat", "runs", "run", "approvals", "grants", "audit", "doctor", "slack", "backup", "prune"):
        assert f" {command} " in result.stdout
    loaded = {line.rsplit("|", 1)[-1].strip() for line in result.stderr.splitlines() if line.startswith("import time:")}
    assert "typer" in loaded
    assert not loaded & {"aiosqlite", "pydantic", "httpx", "aiohttp", "slack_bolt", "prompt_toolkit"}


@pytest.mark.parametrize("words", ["chat --once help", "runs"])
def test_garbage_is_collected_once_a_command_is_at_work(tmp_path: Path, words: str) -> None:
    assert run_mallard(tmp_path, "chat", "--once", "help").returncode == 0
    program = "import atexit, gc; atexit.register(lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000)); "
    result = subprocess.run(
        [sys.executable, "-c", program + COMMAND[-1], *shlex.split(words)],
        cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert result.stdout.endswith("True True\n")
