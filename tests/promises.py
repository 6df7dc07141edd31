"""Which test proves which promise, on which platform, and what is still unproven: `make promises`.

Tests name their promises with `@pytest.mark.promise(n)`, and with `@pytest.mark.mistake(n)` the mistakes of chat bots
that they keep out. A promise is proven on every platform, or a test of it says why it is not told there:
`@pytest.mark.promise(25, not_on={"terminal": "…"})`. A mistake is kept out on each of `CHATS`, where it can be made. They are
collected here, and not run.
"""

import contextlib
import io
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import pytest
from msgspec import Struct, field

from tests.promise_list import MISTAKES, NO_PLATFORMS, NOT_MADE, PROMISES

CORE = "core"
PLATFORMS = ("slack", "discord", "terminal")
COLUMNS = (CORE, *PLATFORMS)
CHATS = ("slack", "discord")


Cells: TypeAlias = dict[tuple[int, str], list[str]]


def reasons_against(marks: Iterable[pytest.Mark]) -> Mapping[str, str]:
    """The platforms on which a test is not told, by its marks, and why."""
    return {platform: why for mark in marks for platform, why in mark.kwargs.get("not_on", {}).items()}


class Collector(Struct):
    """A pytest plugin that keeps what was collected. A test with many parameters counts once for each."""

    cells: Cells = field(default_factory=lambda: defaultdict(list))
    reasons: Cells = field(default_factory=lambda: defaultdict(list))
    mistakes: Cells = field(default_factory=lambda: defaultdict(list))
    unknown: list[str] = field(default_factory=list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._file(item, "promise", PROMISES, self.cells)
            self._file(item, "mistake", MISTAKES, self.mistakes)

    def _file(self, item: pytest.Item, name: str, known: Mapping[int, str], cells: Cells) -> None:
        for mark in item.iter_markers(name):
            for number in mark.args:
                if number not in known:
                    self.unknown.append(f"{item.nodeid}: there is no {name} {number}")
                    continue
                cells[number, platform_of(item)].append(item.nodeid)
                for platform, why in reasons_against([mark]).items():
                    self._excuse(number, platform, why)

    def _excuse(self, number: int, platform: str, why: str) -> None:
        if platform not in PLATFORMS:
            self.unknown.append(f"promise {number}: there is no platform {platform!r}")
        elif why not in self.reasons[number, platform]:
            self.reasons[number, platform].append(why)


def platform_of(item: pytest.Item) -> str:
    """Where a test proves it: the contract's by their parameter, stories of two platforms by the one that was asked on, the
    others by their path; all other stories are told on Slack."""
    callspec = getattr(item, "callspec", None)
    for name in ("platform", "here"):
        if callspec is not None and name in callspec.params:
            return str(callspec.params[name])
    path = item.nodeid.partition("::")[0]
    if path.startswith("tests/bots/test_c"):  # the chat and the command line
        return "terminal"
    told_on = "slack" if path.startswith("tests/stories/") else CORE
    return next((platform for platform in PLATFORMS if platform in path), told_on)


def names_of(nodeids: list[str]) -> list[str]:
    """Each test once, in the order collected, with how often its parameters multiply it."""
    counts: dict[str, int] = {}
    for nodeid in nodeids:
        path, _, name = nodeid.partition("[")[0].partition("::")
        bare = f"{path.removeprefix('tests/').removesuffix('.py')}: {name.replace('::', '.')}"
        counts[bare] = counts.get(bare, 0) + 1
    return [name if times == 1 else f"{name} ×{times}" for name, times in counts.items()]


def why_not(reasons: Cells, number: int, platform: str) -> list[str]:
    """Why nothing need be told of a promise there; [] where something should be."""
    told = reasons.get((number, platform), [])
    return told or ([NO_PLATFORMS[number]] if number in NO_PLATFORMS else [])


def table(cells: Cells, reasons: Cells) -> str:
    """The counts, with the reason under each cell that stays empty; then the names behind each, and what is missing."""
    lines = [f"{'promise':<58}" + "".join(f"{name:>10}" for name in COLUMNS)]
    for number, words in PROMISES.items():
        counts = [str(len(cells.get((number, name), ())) or "·") for name in COLUMNS]
        excused = [name for name in PLATFORMS if (number, name) not in cells and why_not(reasons, number, name)]
        shown = ["–" if name in excused else count for name, count in zip(COLUMNS, counts, strict=True)]
        lines.append(f"{number:>3}  {words:<53}" + "".join(f"{count:>10}" for count in shown))
        lines += [f"     – {name}: {'; '.join(why_not(reasons, number, name))}" for name in excused]
    lines.append("")
    for number, words in PROMISES.items():
        lines.append(f"{number}. {words}")
        for name in COLUMNS:
            lines += [f"     {name:<9} {test}" for test in names_of(cells.get((number, name), []))]
            lines += [f"     {name:<9} – {why}" for why in reasons.get((number, name), [])]
    lines.append("")
    for platform in PLATFORMS:
        gaps = [str(number) for number, gap in missing(cells, reasons) if gap == platform]
        lines.append(f"Neither proven nor explained on {platform}: {', '.join(gaps) or 'none'}")
    return "\n".join(lines)


def missing(cells: Cells, reasons: Cells) -> list[tuple[int, str]]:
    """The promises that are neither proven on a platform nor said to make no sense there."""
    return [
        (number, platform)
        for number in PROMISES
        for platform in PLATFORMS
        if (number, platform) not in cells and not why_not(reasons, number, platform)
    ]


def unkept(cells: Cells) -> list[tuple[int, str]]:
    """The mistakes that no test keeps out of a platform where they could be made."""
    return [
        (number, chat)
        for number in MISTAKES
        for chat in CHATS
        if (number, chat) not in cells and (number, chat) not in NOT_MADE
    ]


def mistakes_table(cells: Cells) -> str:
    """Each mistake with the tests that keep it out of each platform, then those that nothing keeps out."""
    lines = []
    for number, words in MISTAKES.items():
        lines.append(f"mistake {number}: {words}")
        for name in COLUMNS:
            lines += [f"     {name:<9} {test}" for test in names_of(cells.get((number, name), []))]
            lines += [f"     {name:<9} – {NOT_MADE[number, name]}"] if (number, name) in NOT_MADE else []
    lines.append("")
    for chat in CHATS:
        gaps = [str(number) for number, gap in unkept(cells) if gap == chat]
        lines.append(f"Mistakes that nothing keeps out of {chat}: {', '.join(gaps) or 'none'}")
    return "\n".join(lines)


def main() -> int:
    """Print the tables. The exit status is 1 where the tests cannot be collected, name a promise or a mistake that is none,
    or leave a cell empty without a reason."""
    collector = Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(
            ["--collect-only", "-qq", "-p", "no:cacheprovider", "-p", "no:syrupy"], plugins=[collector]
        )
    if status != pytest.ExitCode.OK:
        print(said.getvalue().partition("= ERRORS =")[2] or said.getvalue(), file=sys.stderr)
        return 1
    print(table(collector.cells, collector.reasons), mistakes_table(collector.mistakes), sep="\n\n")
    for line in collector.unknown:
        print(line, file=sys.stderr)
    empty = [*missing(collector.cells, collector.reasons), *unkept(collector.mistakes)]
    return 1 if collector.unknown or empty else 0


if __name__ == "__main__":
    sys.exit(main())
