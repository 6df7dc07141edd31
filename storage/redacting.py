"""Taking words out of runs that are over: that something happened stays on record, what tells of a memory goes.

What a tool was called with, what was approved and why stays as it is: that is the account of what was done.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from runtime.facts import EventType
from runtime.models.port import Role
from storage.encoding import from_json, to_json
from storage.events import erase_payloads
from storage.transaction import Transaction

FORGOTTEN = "(forgotten)"

# Written when a memory is made, and about nothing else.
_OF_REMEMBERING = (
    EventType.MEMORY_POLICY_DECISION,
    EventType.MEMORY_POLICY_FAILED,
    EventType.REFLECTION_COMPLETED,
    EventType.REFLECTION_FAILED,
)
_REMEMBERING = (Role.MEMORY, Role.CRITIC)
# Where the agent's own words stand.
_SAID_BY_AGENT = frozenset({*_OF_REMEMBERING, EventType.COGNITION_RESPONSE, EventType.RUN_FAILED})
# The account of what was done, by whom, and who agreed.
_ACCOUNT = frozenset(
    {
        EventType.COMMAND_AUDIT,
        EventType.TOOL_APPROVAL_REQUESTED,
        EventType.APPROVAL_DECIDED,
        EventType.APPROVAL_REFUSED,
    }
)

Tells: TypeAlias = Callable[[str], bool]  # whether a text tells of what is to be forgotten
_Column = tuple[str, str]  # how its texts of a run are read, and how one of them is replaced

# What the agent made of what it knew.
_MADE: tuple[_Column, ...] = (
    ("SELECT id, answer FROM runs WHERE id = :run", "UPDATE runs SET answer = :text WHERE id = :key"),
    ("SELECT id, failure FROM runs WHERE id = :run", "UPDATE runs SET failure = :text WHERE id = :key"),
    (
        "SELECT number, text FROM steps WHERE run_id = :run",
        "UPDATE steps SET text = :text WHERE run_id = :run AND number = :key",
    ),
)
_MADE_AS_JSON: tuple[_Column, ...] = (
    ("SELECT id, body FROM deliveries WHERE run_id = :run", "UPDATE deliveries SET body = :text WHERE id = :key"),
)
# What came in from outside: it tells of a memory because it was made of this, or by chance.
_CAME_IN: tuple[_Column, ...] = (
    ("SELECT id, request FROM runs WHERE id = :run", "UPDATE runs SET request = :text WHERE id = :key"),
)
_CAME_IN_AS_JSON: tuple[_Column, ...] = (
    ("SELECT id, attachments FROM runs WHERE id = :run", "UPDATE runs SET attachments = :text WHERE id = :key"),
    (
        """
        SELECT t.id, s.observation FROM tool_calls AS t JOIN call_states AS s ON s.call_id = t.id
        WHERE t.run_id = :run AND s.observation IS NOT NULL
        """,
        "UPDATE call_states SET observation = :text WHERE call_id = :key",
    ),
)


def redact_source(tx: Transaction, run_id: int, tells: Tells, at: datetime) -> None:
    """Take all that tells of these memories out of a run that they were made of."""
    _redact(tx, run_id, tells, (*_MADE, *_CAME_IN), (*_MADE_AS_JSON, *_CAME_IN_AS_JSON))
    events = [event for event in tx.execute(_EVENTS, (run_id,)).fetchall() if event[1] not in _ACCOUNT]
    told = [seq for seq, type_, body in events if type_ in _OF_REMEMBERING or _any(from_json(body), tells)]
    erase_payloads(tx, run_id, told, at)


def redact_reliant(tx: Transaction, run_id: int, tells: Tells, at: datetime) -> None:
    """Take what the agent said of these memories out of a run that had them in its context. What people said there stays."""
    _redact(tx, run_id, tells, _MADE, _MADE_AS_JSON)
    events = [event for event in tx.execute(_EVENTS, (run_id,)).fetchall() if event[1] in _SAID_BY_AGENT]
    erase_payloads(tx, run_id, [seq for seq, _, body in events if _any(from_json(body), tells)], at)


_EVENTS = """
SELECT e.seq, e.type, p.body FROM events AS e JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id = ?
"""


def _redact(tx: Transaction, run_id: int, tells: Tells, plain: Iterable[_Column], as_json: Iterable[_Column]) -> None:
    for select, update in plain:
        for key, text in tx.execute(select, {"run": run_id}).fetchall():
            if text and tells(text):
                tx.execute(update, {"text": FORGOTTEN, "key": key, "run": run_id})
    for select, update in as_json:
        for key, text in tx.execute(select, {"run": run_id}).fetchall():
            if _any(from_json(text), tells):
                tx.execute(update, {"text": to_json(_without(from_json(text), tells)), "key": key, "run": run_id})


def experience_tells(tx: Transaction, run_id: int, tells: Tells) -> bool:
    """Whether what a critic made of a run tells of these memories."""
    rows = tx.execute("SELECT summary, worked, failed FROM experiences WHERE run_id = ?", (run_id,))
    return any(tells(text) for row in rows for text in row)


def redact_told(tx: Transaction, tells: Tells) -> None:
    """Take it out of what people were told beside any run: that something was remembered, what is, and why."""
    for key, body in tx.execute(_TOLD).fetchall():
        if _any(from_json(body), tells):
            tx.execute(_RETELL, (to_json(_without(from_json(body), tells)), key))


def redact_pages_of_runs(tx: Transaction, runs: Collection[int]) -> None:
    """Whoever looked these runs up was shown what was asked and done: of such pages, nothing that stood there remains."""
    gone = set(runs)
    for key, body in tx.execute(_TOLD).fetchall():
        if not gone.isdisjoint(map(int, re.findall(r"\brun (\d{1,18})\b", body, re.IGNORECASE))):
            tx.execute(_RETELL, (to_json(_without(from_json(body), bool)), key))


_TOLD = "SELECT id, body FROM deliveries WHERE run_id IS NULL"
_RETELL = "UPDATE deliveries SET body = ? WHERE id = ?"

# What the models that remember said, also in runs from which nothing was kept: they were shown what was like it.
SAID_OF_MEMORIES = f"""
SELECT e.run_id, e.seq, p.body FROM events AS e JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.type IN ({", ".join(f"'{type_}'" for type_ in _OF_REMEMBERING)})
   OR e.type = '{EventType.COGNITION_RESPONSE}'
      AND CAST(p.body AS TEXT) ->> 'role' IN ({", ".join(f"'{role}'" for role in _REMEMBERING)})
"""


def find_told_of_memories(rows: Iterable[tuple[Any, ...]], tells: Tells) -> dict[int, list[int]]:
    """Of `SAID_OF_MEMORIES`, the events of each run that tell of these memories."""
    told = dict[int, list[int]]()
    for run_id, seq, body in rows:
        if _any(from_json(body), tells):
            told.setdefault(run_id, []).append(seq)
    return told


def _any(value: Any, tells: Tells) -> bool:
    match value:
        case str():
            return tells(value)
        case dict():
            return any(_any(each, tells) for each in value.values())
        case list():
            return any(_any(each, tells) for each in value)
    return False


def _without(value: Any, tells: Tells) -> Any:
    match value:
        case str():
            return FORGOTTEN if tells(value) else value
        case dict():
            return {key: _without(each, tells) for key, each in value.items()}
        case list():
            return [_without(each, tells) for each in value]
    return value
