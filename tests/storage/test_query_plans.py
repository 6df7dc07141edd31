"""What is asked all day long is found by an index: it must not get slower with every run that was ever made."""

import re
import sqlite3
from pathlib import Path

import pytest

from storage import (
    afterthoughts,
    deliveries,
    expiry,
    forgetting,
    grants,
    intake,
    leases,
    liveness,
    memories,
    memory_vectors,
    memory_words,
    merging,
    reading,
    redacting,
    reliances,
    skills,
    summaries,
    tellers,
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
    "whether a conversation is worked on": watching._WORKED,
    "what is owed to a conversation": watching._OWED,
    "whose model is away": watching._AWAY,
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
    "whether a place has memories": memory_vectors.STANDING,
    "what a place remembers": memories.LIST,
    "what a search found": memories.READ,
    "which vectors came": memory_vectors.NEWS,
    "whether any vector came": memory_vectors.ANY_NEWS,
    "a memory's vector": memory_vectors._FIND,
    "what is superseded": memories._SUPERSEDE,
    "what an answer relied on": reliances.LIST,
    "what memories expire": forgetting.EXPIRED,
}
# Asked when somebody has something forgotten: it may take a while, but not longer with every memory.
ASKED_SOMETIMES = {
    "what goes with a memory": forgetting._WITH_HISTORY,
    "which runs may tell of a memory": tellers._TELLERS,
    "which runs heard of a memory": tellers._HEARD,
    "what a person's memories are": forgetting._OF_PERSON,
    "what a person's open runs are": forgetting._OPEN,
    "what a run's events said": redacting._EVENTS,
    "what was said of memories since": redacting._SAID_SINCE,
    "what was allowed in a run": redacting._GRANTS,
}
ASKED_OF_THE_INDEX_OF_WORDS = {
    "what says the same": merging.WORDED_ALIKE,
    "how often a word stands there": memory_words.COUNT,
    "what covers the words": memory_words.FIND,
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
    "memories",
    "memory_vectors",
    "memory_sources",
    "memory_places",
    "reliances",
)


@pytest.fixture
def empty(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "mallard.db", isolation_level=None)
    migrate(connection, "mallard.db")
    return connection


@pytest.mark.parametrize("question", [*ASKED_ALL_DAY, *ASKED_SOMETIMES])
def test_what_is_asked_all_day_reads_no_whole_table(empty: sqlite3.Connection, question: str) -> None:
    asked = ASKED_ALL_DAY | ASKED_SOMETIMES
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(asked[question])}")]

    aliases = {"r", "a", "c", "d", "e", "m", "o", "p", "q", "s", "t", "v", *GROWING}
    whole = [step for step in plan if step.startswith("SCAN") and step.split()[1] in aliases and "INDEX" not in step]
    assert not whole, plan


@pytest.mark.parametrize("question", ASKED_OF_THE_INDEX_OF_WORDS)
def test_words_are_looked_for_in_the_index_of_words(empty: sqlite3.Connection, question: str) -> None:
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(ASKED_OF_THE_INDEX_OF_WORDS[question])}")]

    # "M" and a number: the columns that MATCH restricts; without it, all of the table would be read.
    assert any(re.search(r"VIRTUAL TABLE INDEX \d+:M\d", step) for step in plan), plan


def test_what_an_index_of_vectors_names_is_looked_up_one_by_one(empty: sqlite3.Connection) -> None:
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(memory_vectors.THESE)}")]

    # By its place it would be found too: with all the others of that place, a million of them.
    assert any(step.startswith("SEARCH v") and "(memory_id=? AND space=?)" in step for step in plan), plan


@pytest.mark.parametrize("question", ["whose turn it is", "who is ahead", "what waits in a conversation"])
def test_unsettled_runs_are_found_among_themselves(empty: sqlite3.Connection, question: str) -> None:
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {_unbound(ASKED_ALL_DAY[question])}")]

    assert any("runs_unsettled (status=?" in step for step in plan), plan


def _unbound(sql: str) -> str:
    """Explaining binds nothing: every parameter is NULL."""
    return re.sub(r":[a-z]+|\?", "NULL", sql)
