"""Memories found by their words. MATCH names the places: other people's memories are neither read nor counted.

FTS5's own bm25 weighs a word by how many memories of the whole table have it, whoever they belong to. Here a word weighs by
how rare it is in the places that are searched, and a memory is worth the share of the query's weight that it covers.
"""

import math
from collections.abc import Collection, Iterable, Sequence

from runtime.memory.fusion import Hit
from runtime.memory.records import MemoryId, MemoryQuery, Place
from runtime.memory.words import looked_for
from storage.database import Database
from storage.encoding import to_json

_COUNTED = 20_000  # a word that stands in more memories weighs next to nothing, and counting goes on for long


async def find_by_words(database: Database, query: MemoryQuery, *, live: int, most: int) -> tuple[Hit, ...]:
    """The memories that cover the most of what the query's words weigh, best first. `live`: how many the places have."""
    scope, words = _within(query), looked_for(query.text)
    if not words:
        return ()
    matches = [f"{scope} AND text : {_quoted(word)}" for word in words]
    counts = [count for (count,) in await database.scan(COUNT, {"matches": to_json(matches), "most": _COUNTED})]
    weights = _weights(counts, live)
    terms = [[match, weight] for match, weight, count in zip(matches, weights, counts, strict=True) if count]
    rows = await database.scan(FIND, {"terms": to_json(terms), "most": most}) if terms else ()
    return _hits(rows, sum(weights))


COUNT = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM memory_words WHERE memory_words MATCH t.value LIMIT :most))
FROM json_each(:matches) AS t
"""
# CROSS JOIN: word after word, each by its own MATCH. MATERIALIZED: a weight is taken out of the JSON once, not for each memory.
FIND = """
WITH terms AS MATERIALIZED (SELECT value ->> 0 AS word, value ->> 1 AS weight FROM json_each(:terms))
SELECT w.rowid, sum(t.weight) AS weight
FROM terms AS t CROSS JOIN memory_words AS w
WHERE w.memory_words MATCH t.word
GROUP BY w.rowid ORDER BY weight DESC, w.rowid DESC LIMIT :most
"""


def _weights(counts: Iterable[int], live: int) -> list[float]:
    """What words weigh that stand in so many of so many memories."""
    return [math.log(1 + (max(live - count, 0) + 0.5) / (count + 0.5)) for count in counts]


def _hits(rows: Iterable[Sequence[float]], whole: float) -> tuple[Hit, ...]:
    return tuple(Hit(MemoryId(int(id_)), weight / whole) for id_, weight in rows)


def _within(query: MemoryQuery) -> str:
    """The part of MATCH that says where to look, and for which types."""
    within = _any_of(word_of(place) for place in query.places)
    return within if query.types is None else f"{within} AND {_any_of(f'{type_}0' for type_ in query.types)}"


def _any_of(words: Iterable[str]) -> str:
    return f"place : ({' OR '.join(_quoted(word) for word in sorted(words))})"


def word_of(place: Place) -> str:
    """The word that stands for a place in `memory_words`, as the view of the same migration writes it."""
    return f"{place.scope} {place.subject}".encode().hex() + "0"


def all_of(place: Place, words: Collection[str]) -> str:
    """A MATCH for the memories of a place that have all of these words."""
    return " AND ".join([_any_of([word_of(place)]), *(f"text : {_quoted(word)}" for word in words)])


def _quoted(word: str) -> str:
    return f'"{word}"'
