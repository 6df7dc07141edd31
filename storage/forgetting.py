"""Forgetting memories, and people: what says what they said goes with them, and the trail of what stays still verifies.

A memory stands in more places than its row: in the versions that it superseded, in what the models said when it was made,
in the runs that it was said in and those that had it at hand or came after them (`storage/tellers.py`), in summaries, in what
people were told. Rows go here. What a row leaves behind in the file's free room is the affair of `storage/scouring.py`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from runtime.memory.records import Forgotten, MemoryId
from runtime.records import RunId, UserRef
from runtime.states import RunStatus
from storage.encoding import micros, to_json
from storage.expiry import end_expired
from storage.redacting import Told, experience_tells, redact_pages_of_runs, redact_told
from storage.scouring import owe_scouring
from storage.summaries import drop_summaries_that_tell
from storage.tellers import find_in_the_way, find_tellers, telling_of
from storage.transaction import Transaction


def find_texts(tx: Transaction, memory_ids: Collection[MemoryId]) -> Mapping[MemoryId, str]:
    """These memories and the versions that they superseded, with what they say."""
    return dict(tx.execute(_WITH_HISTORY, (to_json(sorted(memory_ids)),)).fetchall())


_WITH_HISTORY = """
WITH RECURSIVE going (id) AS (
    SELECT value FROM json_each(?)
    UNION SELECT m.id FROM memories AS m JOIN going AS g ON m.superseded_by = g.id
)
SELECT m.id, m.text FROM memories AS m WHERE m.id IN (SELECT id FROM going)
"""


def forget(tx: Transaction, memory_ids: Collection[MemoryId], at: datetime, *, by: str, told: Told) -> Forgotten:
    """Remove memories, the versions that they superseded, and what tells of them; nothing at all where a run is in the way.

    `told` is what was found to tell of them beforehand, in whatever run.
    """
    going = find_texts(tx, memory_ids)
    if not going:
        return Forgotten()
    ids, tells, standing = to_json(list(going)), telling_of(going), find_tellers(tx, going, told)
    if in_the_way := find_in_the_way(tx, standing):
        return Forgotten(runs_in_the_way=in_the_way)
    tellers = [each.teller for each in standing]
    for each in standing:
        if each.silent:
            continue
        if each.status is RunStatus.EXPIRED and each.teller.is_told_by_calls(tx):
            end_expired(tx, each.teller.run_id, at, by=by)
        each.teller.redact(tx, at)
    told.erase(tx, tells, at)
    redact_told(tx, tells)
    concluded = [each.run_id for each in tellers if each.is_source or experience_tells(tx, each.run_id, tells)]
    tx.execute(_EXPERIENCES, {"ids": ids, "runs": to_json(concluded)})
    tx.execute(_SUMMARIES, (to_json([each.run_id for each in tellers]),))
    drop_summaries_that_tell(tx, {each.conversation_id for each in standing}, tells)
    tx.execute(_REMOVE, (ids,))
    owe_scouring(tx, at)
    return Forgotten(memories=len(going))


# What a critic made of a run says the lesson once more, and what a run was remembered for.
_EXPERIENCES = """
DELETE FROM experiences
WHERE lesson_id IN (SELECT value FROM json_each(:ids)) OR run_id IN (SELECT value FROM json_each(:runs))
"""
_SUMMARIES = """
DELETE FROM summaries WHERE EXISTS (
    SELECT 1 FROM runs AS r
    WHERE r.id IN (SELECT value FROM json_each(?))
      AND r.conversation_id = summaries.conversation_id AND r.id BETWEEN summaries.first_run AND summaries.last_run
)
"""
_REMOVE = "DELETE FROM memories WHERE id IN (SELECT value FROM json_each(?))"


def expire_memories(tx: Transaction, at: datetime) -> int:
    """Remove what was to be kept until now only, with the versions that it superseded."""
    due = [MemoryId(id_) for (id_,) in tx.execute(EXPIRED, (micros(at),))]
    if due:
        tx.execute(_REMOVE, (to_json(list(find_texts(tx, due))),))
        owe_scouring(tx, at)
    return len(due)


EXPIRED = "SELECT id FROM memories WHERE expires_at <= ? AND retired_at IS NULL"


def find_memories_of(tx: Transaction, accounts: Collection[UserRef]) -> tuple[MemoryId, ...]:
    """What is a person's own, goes back to their words wherever it is kept, or was learnt in a run of theirs."""
    return tuple(MemoryId(id_) for (id_,) in tx.execute(_OF_PERSON, {"accounts": _written(accounts)}))


_OF_PERSON = """
SELECT id FROM memories WHERE scope = 'person' AND subject IN (SELECT value FROM json_each(:accounts))
UNION SELECT id FROM memories WHERE said_by IN (SELECT value FROM json_each(:accounts))
UNION SELECT id FROM memories WHERE run_id IN (
    SELECT id FROM runs WHERE asked_by IN (SELECT value FROM json_each(:accounts)))
"""


def find_open_runs(tx: Transaction, accounts: Collection[UserRef]) -> tuple[RunId, ...]:
    """The runs of a person that somebody works on or waits for."""
    return tuple(RunId(id_) for (id_,) in tx.execute(_OPEN, (_written(accounts),)))


_OPEN = """
SELECT id FROM runs
WHERE asked_by IN (SELECT value FROM json_each(?)) AND status IN ('queued', 'running', 'waiting') ORDER BY id
"""


def count_summaries(tx: Transaction, accounts: Collection[UserRef]) -> int:
    """How many summaries cover runs of a person."""
    row: tuple[int] = tx.execute(_COUNT_SUMMARIES, (_written(accounts),)).fetchone()
    return row[0]


_COUNT_SUMMARIES = """
SELECT count(*) FROM summaries WHERE EXISTS (
    SELECT 1 FROM runs AS r
    WHERE r.asked_by IN (SELECT value FROM json_each(?))
      AND r.conversation_id = summaries.conversation_id AND r.id BETWEEN summaries.first_run AND summaries.last_run
)
"""


def remove_runs(tx: Transaction, accounts: Collection[UserRef], at: datetime) -> int:
    """Remove a person's runs, the summaries that cover them, and what others saw of them on pages: of a run, its number and
    the head of its chain remain.

    Returns how many runs went.
    """
    tx.trails.write()  # the heads that are remembered
    runs = [run_id for (run_id,) in tx.execute(_REMEMBER, {"accounts": _written(accounts), "at": micros(at)})]
    tx.execute(_REMOVE_RUNS, (to_json(runs),))
    redact_pages_of_runs(tx, runs)
    return len(runs)


_REMEMBER = """
INSERT INTO pruned (run_id, head, at)
SELECT id, event_head, :at FROM runs
WHERE asked_by IN (SELECT value FROM json_each(:accounts)) AND status NOT IN ('queued', 'running', 'waiting')
RETURNING run_id
"""
_REMOVE_RUNS = "DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))"


def remove_grants(tx: Transaction, accounts: Collection[UserRef]) -> None:
    """Remove what is allowed for a person alone: it says what was asked. Without their runs, no call refers to it."""
    tx.execute(_REMOVE_GRANTS, (_written(accounts),))


_REMOVE_GRANTS = """
DELETE FROM grants WHERE scope = 'person' AND subject IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM call_states WHERE grant_id = grants.id)
"""


def remove_deliveries(tx: Transaction, accounts: Collection[UserRef]) -> int:
    """Remove what a person was told, or was to be told, beside any run."""
    return tx.execute(_REMOVE_DELIVERIES, (_written(accounts),)).rowcount


_REMOVE_DELIVERIES = "DELETE FROM deliveries WHERE person IN (SELECT value FROM json_each(?)) AND run_id IS NULL"


def _written(accounts: Collection[UserRef]) -> str:
    return to_json(sorted(map(str, accounts)))
