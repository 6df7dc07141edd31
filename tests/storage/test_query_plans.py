"""What is asked all day long is found by an index: it must not get slower with every run that was ever made."""

import re
import sqlite3
from pathlib import Path

import pytest

from storage import (
    afterthoughts,
    deliveries,
    expiry,
    grants,
    intake,
    leases,
    liveness,
    reading,
    skills,
    summaries,
    watching,
)
from storage.migrate import migrate

ASKED_ALL_DAY = {
    "whose turn it is": leases._CANDIDATES,
    "who is ahead": intake._AHEAD,
    "which leases are held": leases._RENEW,
    "which leases ran out": leases._LOST,
    "what is due": deliveries._DUE,
    "what dead workers were sending": deliveries._TAKE_BACK,
    "who holds something and is silent": liveness._SILENT,
    "when something is due": deliveries._NEXT_DUE,
    "what waits in a conversation": reading._PENDING_OF_CONVERSATION,
    "what waits anywhere": reading.PENDING,
    "what waits of a run": reading._PENDING_OF_RUN,
    "earlier turns": reading._TURNS,
    "who shall stop": reading._STOPPING,
    "what a person asked before": reading.OWN,
    "what expires next": expiry._NEXT,
    "what expires now": expiry._DUE,
    "whether all is quiet": watching._BUSY,
    "what is to be thought about": afterthoughts._CANDIDATES,
    "when something is to be thought about": afterthoughts._NEXT,
    "which thoughts are lost": afterthoughts._LOST,
    "whether anything was forgotten of a run": afterthoughts.HAS_FORGOTTEN,
    "what a conversation has read": afterthoughts.HAS_READ_UNTRUSTED,
    "what was summed up": summaries._FIND,
    "what is to be summed up": summaries.TURNS,
    "which grants are of exactly this call": grants._LIVE_EXACT,
    "which grants may cover a call": grants._LIVE_BROAD,
    "which skills are approved": skills._DIGESTS,
    "what was approved of a skill": skills._NEWEST,
    "how often a lesson came back": skills._TAUGHT,
}
GROWING = (
    "runs",
    "conversations",
    "approvals",
    "deliveries",
    "inbound",
    "events",
    "payloads",
    "tool_calls",
    "steps",
    "grants",
    "afterthoughts",
    "summaries",
    "skill_approvals",
    "experiences",
)


@pytest.fixture
def empty(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "mallard.db", isolation_level=None)
    migrate(connection, "mallard.db")
    return connection


@pytest.mark.parametrize("question", ASKED_ALL_DAY)
def test_what_is_asked_all_day_reads_no_whole_table(empty: sqlite3.Connection, question: str) -> None:
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(ASKED_ALL_DAY[question])}")]

    aliases = {"r", "a", "c", "d", "o", "q", "t", "s", "e", *GROWING}
    whole = [step for step in plan if step.startswith("SCAN") and step.split()[1] in aliases and "INDEX" not in step]
    assert not whole, plan


@pytest.mark.parametrize("question", ["whose turn it is", "who is ahead", "what waits in a conversation"])
def test_unsettled_runs_are_found_among_themselves(empty: sqlite3.Connection, question: str) -> None:
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(ASKED_ALL_DAY[question])}")]

    assert any("runs_unsettled (status=?" in step for step in plan), plan


def _unbound(sql: str) -> str:
    """Explaining binds nothing: every parameter is NULL."""
    return re.sub(r":[a-z]+|\?", "NULL", sql)
