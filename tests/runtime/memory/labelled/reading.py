"""A labelled set: memories, and questions of which is known what they look for."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from runtime.memory.records import MemoryType

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledMemory:
    name: str
    type: MemoryType
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledQuery:
    """`shares_a_word` with the memory that it `wants`, or only what it means."""

    text: str
    wants: str
    shares_a_word: bool


@cache
def labelled_memories() -> tuple[LabelledMemory, ...]:
    tables = tomllib.loads((FOLDER / "memories.toml").read_text(encoding="utf-8"))
    return tuple(
        LabelledMemory(name=name, type=MemoryType(type_), text=text)
        for type_, memories in tables.items()
        for name, text in memories.items()
    )


@cache
def labelled_queries() -> tuple[LabelledQuery, ...]:
    tables = tomllib.loads((FOLDER / "queries.toml").read_text(encoding="utf-8"))
    return tuple(
        LabelledQuery(text=text, wants=wants, shares_a_word=table == "shared")
        for table, queries in tables.items()
        for text, wants in queries.items()
    )
