"""`python -m bench.retrieval [--missed]`: how well memories are found by words, by vectors, and by both."""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime.memory.embedding.minilm import load_minilm
from runtime.signals import Signals
from storage.store import Store
from tests.runtime.memory.labelled.measuring import BOTH, VECTORS, WORDS, Ranks, quality, rank_labelled
from tests.runtime.memory.labelled.reading import LabelledQuery

_GROUPS: dict[str, Callable[[LabelledQuery], bool]] = {
    "all 60": lambda query: True,
    "30 that share a word": lambda query: query.shares_a_word,
    "30 that share none": lambda query: not query.shares_a_word,
}


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def _rank() -> Ranks:
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        async with Store(Path(folder) / "mallard.db", Signals(), _Now()) as store:
            return await rank_labelled(store, load_minilm())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("--missed", action="store_true", help="name the questions that do not find theirs first")
    asked, ranks = parser.parse_args(), asyncio.run(_rank())
    table = Table("questions", "found by", "recall@1", "recall@5", "MRR")
    for group, belongs in _GROUPS.items():
        for way in (WORDS, VECTORS, BOTH):
            found = quality(ranks[way], belongs)
            table.add_row(group, way, f"{found.recall_1:.2f}", f"{found.recall_5:.2f}", f"{found.mrr:.2f}")
        table.add_section()
    console = Console()
    console.print(table)
    if asked.missed:
        for query in ranks[BOTH]:
            places = {way: ranks[way][query] for way in (WORDS, VECTORS, BOTH)}
            if places[BOTH] != 1:
                console.print(f"{query.text} → {query.wants}: {places}")


if __name__ == "__main__":
    main()
