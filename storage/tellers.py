"""The runs that tell of memories, or may: those that they were made of, those that had them at hand, and the others of the same
conversations, where what was said is told again."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct

from runtime.facts import EventType
from runtime.memory.records import MemoryId
from runtime.memory.words import Telling, names_any
from runtime.records import RunId
from runtime.states import RunStatus
from runtime.tools.search_history import SearchHistory
from storage.encoding import from_json, to_json
from storage.redacting import MADE, Teller, Tells, Told, any_text, without_quotes
from storage.transaction import Transaction

SEARCHES_HISTORY = SearchHistory.name


class Standing(Struct, frozen=True, kw_only=True):
    """A run that may tell, as it stands now. `heard`: it knows of the memories from its conversation, if at all. `silent`: it is
    over, and was looked through."""

    status: RunStatus
    conversation_id: int
    teller: Teller
    heard: bool
    silent: bool = False


def telling_of(memories: Mapping[MemoryId, str]) -> Tells:
    """Whether a text tells what one of these memories says."""
    return Telling(frozenset(memories.values()))


def telling_or_naming(memories: Mapping[MemoryId, str]) -> Tells:
    """The same, or names one."""
    tells = telling_of(memories)
    return lambda text: tells(text) or names_any(text, memories)


def find_tellers(tx: Transaction, going: Mapping[MemoryId, str], told: Told) -> list[Standing]:
    tells, tells_or_names = telling_of(going), telling_or_naming(going)

    def standing(row: tuple[Any, ...], *, heard: bool) -> Standing:
        run_id, status, conversation_id, is_source, is_moved = row
        teller = Teller(run_id=run_id, is_source=bool(is_source), tells=tells if is_source else tells_or_names)
        silent = run_id in told.silent and not (is_source or is_moved)
        return Standing(
            status=RunStatus(status), conversation_id=conversation_id, teller=teller, heard=heard, silent=silent
        )

    tx.trails.write()  # the heads of what came to rest
    ids = to_json(list(going))
    found = [standing(row, heard=False) for row in tx.execute(_TELLERS, {"ids": ids, "until": told.until}).fetchall()]
    beside = {"ids": ids, "runs": to_json(sorted(told.runs)), "until": told.until}
    return found + [standing(row, heard=True) for row in tx.execute(_HEARD, beside).fetchall()]


_KNOWN = """
WITH going (id) AS (SELECT value FROM json_each(:ids)),
known (id) AS (
    SELECT run_id FROM memory_sources WHERE memory_id IN (SELECT id FROM going)
    UNION SELECT run_id FROM reliances WHERE memory_id IN (SELECT id FROM going)
)
"""
# A source is a run in which the very person said it. Others who said the same, unasked, did not say it for this memory.
_TELLERS = f"""
{_KNOWN}, sources (id) AS (
    SELECT r.id FROM memory_sources AS s JOIN memories AS m ON m.id = s.memory_id JOIN runs AS r ON r.id = s.run_id
    WHERE s.memory_id IN (SELECT id FROM going) AND (m.scope = 'person' OR r.asked_by = m.said_by)
)
SELECT id, status, conversation_id, id IN (SELECT id FROM sources),
       status NOT IN ('completed', 'failed', 'cancelled') OR id IN (SELECT run_id FROM heads WHERE n > :until)
FROM runs WHERE id IN (SELECT id FROM known) ORDER BY id
"""


def _texts_of(table: str, name: str, as_json: bool) -> str:
    run = {"runs": "x.id", "call_states": "t.run_id"}.get(table, "x.run_id")
    calls = "JOIN tool_calls AS t ON t.id = x.call_id" if table == "call_states" else ""
    return f"""
SELECT {run}, '', {int(as_json)}, x.{name} FROM {table} AS x {calls}
WHERE {run} IN (SELECT id FROM known) AND x.{name} <> ''"""


# What was made in runs that had memories at hand: a preference was at hand in nearly all, and few of them say so.
MADE_WITH = f"""
{_KNOWN}
SELECT e.run_id, e.type, 1, p.body FROM events AS e JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.run_id IN (SELECT id FROM known)
{"".join(f"UNION ALL {_texts_of(each.table, each.name, each.as_json)}" for each in MADE)}
"""


def find_silent_runs(rows: Iterable[tuple[Any, ...]], tells: Tells) -> frozenset[int]:
    """Of `MADE_WITH`, the runs in which nothing tells."""
    seen, telling = set[int](), set[int]()
    for run_id, type_, as_json, text in rows:
        seen.add(run_id)
        if run_id not in telling and _tells(type_, from_json(text) if as_json else text, tells):
            telling.add(run_id)
    return frozenset(seen - telling)


def _tells(type_: str, said: Any, tells: Tells) -> bool:
    return any_text(without_quotes(type_, said) if type_ else said, tells)


# Those that were found to tell, and of the conversations where it may be told those that came to rest since, or are worked.
_HEARD = f"""
{_KNOWN}, heard (id) AS (SELECT value FROM json_each(:runs)),
moved (id) AS (SELECT id FROM runs WHERE status = 'running' UNION SELECT run_id FROM heads WHERE n > :until)
SELECT r.id, r.status, r.conversation_id, 0, 1 FROM runs AS r
WHERE r.id NOT IN (SELECT id FROM known) AND (
    r.id IN (SELECT id FROM heard)
    OR r.id IN (SELECT id FROM moved) AND (
        r.conversation_id IN (SELECT conversation_id FROM runs WHERE id IN (SELECT id FROM known))
        OR EXISTS (SELECT 1 FROM runs AS o JOIN tool_calls AS t ON t.run_id = o.id
                   WHERE o.conversation_id = r.conversation_id AND t.tool = '{SEARCHES_HISTORY}')))
ORDER BY r.id
"""

# What models said in those other runs, and where a history was searched, which takes it to other conversations: looked through
# before the transaction, since a conversation may be long. What was forgotten already may have told of this, too.
SAID_BESIDE = f"""
{_KNOWN}, searched (run_id, call_id) AS (SELECT run_id, id FROM tool_calls WHERE tool = '{SEARCHES_HISTORY}'),
beside (id) AS (
    SELECT id FROM runs
    WHERE id NOT IN (SELECT id FROM known) AND conversation_id IN (
        SELECT conversation_id FROM runs WHERE id IN (SELECT id FROM known UNION SELECT run_id FROM searched))
)
SELECT e.run_id, p.body FROM beside AS b JOIN events AS e ON e.run_id = b.id
LEFT JOIN payloads AS p ON p.run_id = e.run_id AND p.seq = e.seq
WHERE e.type = '{EventType.COGNITION_RESPONSE}'
UNION ALL
SELECT t.run_id, s.observation FROM searched AS t JOIN call_states AS s ON s.call_id = t.call_id
WHERE s.observation IS NOT NULL AND t.run_id NOT IN (SELECT id FROM known)
"""


def find_runs_that_tell(rows: Iterable[tuple[Any, ...]], tells: Tells) -> frozenset[int]:
    """Of `SAID_BESIDE`, the runs in which a model told of it, or a search found it, or that may have: what was said is gone."""
    return frozenset(run_id for run_id, body in rows if body is None or any_text(from_json(body), tells))


def find_in_the_way(tx: Transaction, tellers: Collection[Standing]) -> tuple[RunId, ...]:
    """Runs that are being worked with these memories at hand, and those that are queued or wait with calls that tell of them:
    what can still run is never changed."""
    return tuple(RunId(each.teller.run_id) for each in tellers if _is_in_the_way(tx, each, tellers))


def _is_in_the_way(tx: Transaction, standing: Standing, tellers: Collection[Standing]) -> bool:
    match standing.status:
        case RunStatus.RUNNING:
            return (
                not standing.heard
                or standing.teller.is_telling(tx)
                or any(
                    not before.silent and before.teller.is_telling(tx)
                    for before in tellers
                    if before.conversation_id == standing.conversation_id
                    and before.teller.run_id < standing.teller.run_id
                )
            )
        case RunStatus.QUEUED | RunStatus.WAITING:
            return standing.teller.is_told_by_calls(tx)
    return False
