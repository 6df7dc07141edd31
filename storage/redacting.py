"""Taking words out of runs: that something happened stays on record, what tells of a memory goes.

What was done stays: which tool, with which digest, at which risk, what became of it, who decided what and when. What a tool
was called with, and why, goes from runs that are over alone: what can still run is never changed, and stands in the way.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct

from runtime.facts import EventType, Fact
from runtime.models.port import Role
from storage.encoding import from_json, micros, to_json
from storage.events import append_outside, erase_payloads
from storage.transaction import Transaction

FORGOTTEN = "(forgotten)"
FORGETTING = "forgetting"  # in the place of whoever did it, where nobody is to be named

# Written when a memory is made, and about nothing else.
_OF_REMEMBERING = (
    EventType.MEMORY_POLICY_DECISION,
    EventType.MEMORY_POLICY_FAILED,
    EventType.REFLECTION_COMPLETED,
    EventType.REFLECTION_FAILED,
)
_REMEMBERING = (Role.MEMORY, Role.CRITIC)
# Where an event quotes what a person said.
_QUOTED = {EventType.RUN_CREATED.value: ("request", "attachments"), EventType.APPROVAL_DECIDED.value: ("comment",)}

Tells: TypeAlias = Callable[[str], bool]  # whether a text tells of what is to be forgotten


class _Column(Struct, frozen=True):
    """Texts of a run. `of_a_call`: as long as the run can go on, they decide what is shown and what runs."""

    table: str
    key: str
    name: str
    of: str = "run_id = :run"
    as_json: bool = False
    of_a_call: bool = False

    def texts(self, tx: Transaction, run_id: int) -> list[tuple[Any, str]]:
        sql = f"SELECT {self.key}, {self.name} FROM {self.table} WHERE {self.of} AND {self.name} IS NOT NULL"
        return tx.execute(sql, {"run": run_id}).fetchall()

    def tells(self, text: str, tells: Tells) -> bool:
        return any_text(from_json(text), tells) if self.as_json else bool(text) and tells(text)

    def redact(self, tx: Transaction, run_id: int, tells: Tells) -> bool:
        """Whether there was anything to be taken out."""
        sql = f"UPDATE {self.table} SET {self.name} = :text WHERE {self.key} = :key AND {self.of}"
        told = [(key, text) for key, text in self.texts(tx, run_id) if self.tells(text, tells)]
        for key, text in told:
            without = to_json(_without(from_json(text), tells)) if self.as_json else FORGOTTEN
            tx.execute(sql, {"text": without, "key": key, "run": run_id})
        return bool(told)


_OF_CALLS = "call_id IN (SELECT id FROM tool_calls WHERE run_id = :run)"
_OF_APPROVALS = "approval_id IN (SELECT id FROM approvals WHERE run_id = :run)"

# What the agent and its tools made of what they knew.
MADE = (
    _Column("runs", "id", "answer", "id = :run"),
    _Column("runs", "id", "failure", "id = :run"),
    _Column("steps", "number", "text"),
    _Column("deliveries", "id", "body", as_json=True),
    _Column("call_states", "call_id", "observation", _OF_CALLS, as_json=True),
    _Column("call_states", "call_id", "denial", f"{_OF_CALLS} AND denied_by = 'policy'"),
    _Column("call_states", "call_id", "why_asked", _OF_CALLS, of_a_call=True),
    _Column("tool_calls", "id", "arguments", as_json=True, of_a_call=True),
    _Column("tool_calls", "id", "reason", of_a_call=True),
    _Column("tool_calls", "id", "why_asked", of_a_call=True),
    _Column("approvals", "id", "preview", of_a_call=True),
    _Column("approvals", "id", "target", of_a_call=True),
)
# What people said.
_SAID = (
    _Column("runs", "id", "request", "id = :run"),
    _Column("runs", "id", "attachments", "id = :run", as_json=True),
    _Column("call_states", "call_id", "denial", f"{_OF_CALLS} AND denied_by = 'person'"),
    _Column("decisions", "approval_id", "comment", _OF_APPROVALS, of_a_call=True),
)


class Teller(Struct, frozen=True, kw_only=True):
    """A run that may tell of memories. `is_source`: they were made of what was said in it, so that what people said there
    goes as well; in another that had them in its context, it stays."""

    run_id: int
    is_source: bool
    tells: Tells

    @property
    def _columns(self) -> tuple[_Column, ...]:
        return (*MADE, *_SAID) if self.is_source else MADE

    def is_told_by_calls(self, tx: Transaction) -> bool:
        """Whether what was or will be called, or asked of people, tells of them."""
        return any(
            column.tells(text, self.tells)
            for column in self._columns
            if column.of_a_call
            for _, text in column.texts(tx, self.run_id)
        )

    def is_telling(self, tx: Transaction) -> bool:
        """Whether anything in the run tells of them."""
        return any(
            column.tells(text, self.tells) for column in self._columns for _, text in column.texts(tx, self.run_id)
        )

    def redact(self, tx: Transaction, at: datetime) -> None:
        """Take all that tells of them out of the run, and say in its trail that this was done. Of a run that is not over, no
        call may tell."""
        redacted = [column.redact(tx, self.run_id, self.tells) for column in self._columns]
        _end_grants(tx, self.run_id, self.tells, at)
        events = tx.execute(_EVENTS, (self.run_id,)).fetchall()
        told = [seq for seq, type_, body in events if self._is_told_by_event(type_, from_json(body))]
        if not erase_payloads(tx, self.run_id, told, at) and any(redacted):
            append_outside(tx, self.run_id, at, [Fact(EventType.PAYLOAD_ERASED, {"events": []})])

    def _is_told_by_event(self, type_: str, body: dict[str, Any]) -> bool:
        if self.is_source:
            return type_ in _OF_REMEMBERING or any_text(body, self.tells)
        return any_text(without_quotes(type_, body), self.tells)


def without_quotes(type_: str, body: dict[str, Any]) -> dict[str, Any]:
    """What an event says by itself."""
    quoted = _QUOTED.get(type_, ())
    return {key: each for key, each in body.items() if key not in quoted}


_EVENTS = """
SELECT e.seq, e.type, p.body FROM events AS e JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id = ?
"""


def _end_grants(tx: Transaction, run_id: int, tells: Tells, at: datetime) -> None:
    """What was allowed with a call of this run in mind, and tells: a permission that nobody can read must not stand."""
    for id_, shown, prefix, others in tx.execute(_GRANTS, (run_id,)).fetchall():
        if tells(shown) or tells(" ".join(from_json(prefix))) or any_text(from_json(others), tells):
            tx.execute(_END_GRANT, {"text": FORGOTTEN, "by": FORGETTING, "at": micros(at), "id": id_})


_GRANTS = """
SELECT id, shown, prefix, others FROM grants WHERE digest IN (SELECT digest FROM tool_calls WHERE run_id = ?)
"""
_END_GRANT = """
UPDATE grants SET shown = :text, prefix = '[]', others = '{}',
                  revoked_by = iif(revoked_at IS NULL, :by, revoked_by), revoked_at = coalesce(revoked_at, :at)
WHERE id = :id
"""


def experience_tells(tx: Transaction, run_id: int, tells: Tells) -> bool:
    """Whether what a critic made of a run tells of these memories."""
    rows = tx.execute("SELECT summary, worked, failed FROM experiences WHERE run_id = ?", (run_id,))
    return any(tells(text) for row in rows for text in row)


def redact_told(tx: Transaction, tells: Tells) -> None:
    """Take it out of what people were told beside any run: that something was remembered, what is, and why."""
    for key, body in tx.execute(_TOLD).fetchall():
        if any_text(from_json(body), tells):
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
WHERE (e.type IN ({", ".join(f"'{type_}'" for type_ in _OF_REMEMBERING)})
   OR e.type = '{EventType.COGNITION_RESPONSE}'
      AND CAST(p.body AS TEXT) ->> 'role' IN ({", ".join(f"'{role}'" for role in _REMEMBERING)}))
"""
# It is said of runs at rest, whose new head stands in the installation's chain.
NEWEST_HEAD = "SELECT coalesce(max(n), 0) FROM heads"
_SAID_SINCE = f"{SAID_OF_MEMORIES} AND e.run_id IN (SELECT run_id FROM heads WHERE n > ?)"


class Told(Struct, frozen=True, kw_only=True):
    """What was found to tell of memories once the newest head was the one of that number: `events` of the models that remember,
    by their runs, `runs` that heard of them in their conversations, and `silent` ones, where nothing was made that tells."""

    events: Mapping[int, Collection[int]]
    runs: frozenset[int] = frozenset()
    silent: frozenset[int] = frozenset()
    until: int = 0

    def erase(self, tx: Transaction, tells: Tells, at: datetime) -> None:
        """Forget what they said, and what was said since."""
        tx.trails.write()
        since = find_told_of_memories(tx.execute(_SAID_SINCE, (self.until,)).fetchall(), tells)
        for run_id, seqs in (*self.events.items(), *since.items()):
            erase_payloads(tx, run_id, seqs, at)


def find_told_of_memories(rows: Iterable[tuple[Any, ...]], tells: Tells) -> dict[int, list[int]]:
    """Of `SAID_OF_MEMORIES`, the events of each run that tell of these memories."""
    told = dict[int, list[int]]()
    for run_id, seq, body in rows:
        if any_text(from_json(body), tells):
            told.setdefault(run_id, []).append(seq)
    return told


def any_text(value: Any, tells: Tells) -> bool:
    """Whether one of the texts in a JSON value tells."""
    match value:
        case str():
            return tells(value)
        case dict():
            return any(any_text(each, tells) for each in value.values())
        case list():
            return any(any_text(each, tells) for each in value)
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
