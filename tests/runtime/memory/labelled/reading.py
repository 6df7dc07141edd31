"""Labelled sets: memories, and questions of which is known what they look for."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from runtime.memory.records import MemoryType

SETS = ("shop", "theatre")  # the product's thresholds were chosen on the first; the second is held out, and stays so


class LabelledMemory(Struct, frozen=True, kw_only=True):
    name: str
    type: MemoryType
    text: str


class LabelledQuery(Struct, frozen=True, kw_only=True):
    """`shares_a_word` with the memory that it `wants`, or only what it means."""

    text: str
    wants: str
    shares_a_word: bool


class LabelledSet(Struct, frozen=True, kw_only=True):
    """What one made-up team told its agent, and what it asks."""

    memories: tuple[LabelledMemory, ...]
    queries: tuple[LabelledQuery, ...]


@cache
def labelled_set(name: str) -> LabelledSet:
    return LabelledSet(
        memories=tuple(
            LabelledMemory(name=each, type=MemoryType(type_), text=text)
            for type_, each, text in _read(name, "memories.toml")
        ),
        queries=tuple(
            LabelledQuery(text=text, wants=wants, shares_a_word=table == "shared")
            for table, text, wants in _read(name, "queries.toml")
        ),
    )


def _read(name: str, file: str) -> Iterator[tuple[str, str, str]]:
    tables: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / name / file).read_text(encoding="utf-8"))
    return ((table, key, value) for table, entries in tables.items() for key, value in entries.items())
