"""`python -m bench.retrieval [--missed] [SET …]`: how well memories are found by words, by vectors, and by both.

What the product does was chosen on the set `shop`. The set `theatre` is held out: it was written before anything was measured on
it, and says what the choice is worth elsewhere.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime.memory.embedding.minilm import load_minilm
from runtime.signals import Signals
from storage.store import Store
from tests.runtime.memory.labelled.measuring import BOTH, VECTORS, WORDS, Ranks, quality, rank_labelled
from tests.runtime.memory.labelled.reading import SETS, LabelledQuery, labelled_set

_GROUPS: dict[str, Callable[[LabelledQuery], bool]] = {
    "all 60": lambda query: True,
    "30 that share a word": lambda query: query.shares_a_word,
    "30 that share none": lambda query: not query.shares_a_word,
}
_FIGURES = ("recall@1", "recall@5", "MRR")


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def _rank(name: str) -> Ranks:
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        async with Store(Path(folder) / "mallard.db", Signals(), _Now()) as store:
            return await rank_labelled(labelled_set(name), store, load_minilm())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all of them if none is named")
    parser.add_argument("--missed", action="store_true", help="name the questions that do not find theirs first")
    asked = parser.parse_args()
    if unknown := set(asked.sets) - set(SETS):
        parser.error(f"there is no set {', '.join(sorted(unknown))}: there are {', '.join(SETS)}")
    ranks = {name: asyncio.run(_rank(name)) for name in asked.sets or SETS}
    console = Console(width=110)
    console.print(_table(ranks))
    if asked.missed:
        for name, of_set in ranks.items():
            _print_missed(console, name, of_set)


def _table(ranks: Mapping[str, Ranks]) -> Table:
    table = Table("questions", "found by", *(f"{name}\n{figure}" for name in ranks for figure in _FIGURES))
    for group, belongs in _GROUPS.items():
        for way in (WORDS, VECTORS, BOTH):
            found = [quality(of_set[way], belongs) for of_set in ranks.values()]
            figures = [figure for each in found for figure in (each.recall_1, each.recall_5, each.mrr)]
            table.add_row(group, way, *(f"{figure:.2f}" for figure in figures))
        table.add_section()
    return table


def _print_missed(console: Console, name: str, ranks: Ranks) -> None:
    for query in ranks[BOTH]:
        places = {way: ranks[way][query] for way in (WORDS, VECTORS, BOTH)}
        if places[BOTH] != 1:
            console.print(f"{name}: {query.text} → {query.wants}: {places}")


if __name__ == "__main__":
    main()
