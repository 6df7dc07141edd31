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

CORE = "core"
PLATFORMS = ("slack", "discord", "terminal")
COLUMNS = (CORE, *PLATFORMS)
CHATS = ("slack", "discord")

PROMISES: Mapping[int, str] = {
    1: "one click, one decision, one resumed run",
    2: "an old card works after a kill and a restart",
    3: "several approvals in one thread, in any order",
    4: "every gated call has its card; calls run in order",
    5: "every click is answered in time",
    6: "no approvers: fails closed and names the setting",
    7: "who may decide follows the risk",
    8: "expiry, and asking again",
    9: "a card that cannot be sent is never silence",
    10: "every copy of a card is closed",
    11: "one click, at most one message",
    12: "any payload makes a valid card",
    13: "every argument can be read from the card",
    14: "what was shown is what runs",
    15: "always allow: evaluated, listed, revocable, exact",
    16: "a waiting run does nothing and holds nothing",
    17: "decisions bypass every queue",
    18: "an ordinary message is never consent",
    19: "the answer comes where it was asked",
    20: "clicks of other installations and workspaces",
    21: "a denial reaches the record; no false success",
    22: "a thousand racing clicks",
    23: "one run per message",
    24: "messages while the bot was down",
    25: "noise starts no run",
    26: "a second message waits its turn and is heard",
    27: "long answers are split, or become a file",
    28: "no text of a model or tool pings anybody",
    29: "stop ends the run, its processes and its cards",
    30: "histories and direct messages do not leak",
    31: "killed at every boundary, nothing lost or run twice",
    32: "an unknown outcome is a state with a card",
    33: "graceful stop",
    34: "two processes on one database",
    35: "disk and database faults",
    36: "model faults",
    37: "decisions and refused attempts are events",
    38: "the hash chain verifies",
    39: "who approved what, told in private and exported",
}

NO_PLATFORMS: Mapping[int, str] = {
    35: "the record's own affair, whatever people speak on",
    38: "the record's own affair, whatever people speak on",
}
"""Promises that no platform has a part in, and why."""

MISTAKES: Mapping[int, str] = {
    1: "an event that comes twice is done twice",
    2: "what was acknowledged is lost",
    3: "acknowledged too late",
    4: "what nobody expects is never acknowledged",
    5: "a hiccup of the credentials loses an event",
    6: "a stale ticket, or a refused one, for ever",
    7: "a first connection that fails is the last",
    8: "posted twice",
    9: "an old card cannot be changed",
    10: "a button that was used still works",
    11: "approved by the wrong person",
    12: "approved something else than was shown",
    13: "a button dies with its process",
    14: "bots that talk to bots, and to themselves",
    15: "edits, joins and pins taken for messages",
    16: "the answer stands in the wrong thread",
    17: "text that pings, links or formats",
    18: "previews that carry secrets away",
    19: "long texts torn apart",
    20: "too large for the platform",
    21: "a storm of updates",
    22: "a stream that dies, or never ends",
    23: "what was said in the gap is lost, or all of it answered",
    24: "out of order, or one at a time",
    25: "told to nobody: ephemerals, closed DMs, gone channels",
    26: "guests taken for colleagues",
    27: "the home tab published again and again",
    28: "prompts that fail silently",
    29: "a status line that fades, or stays",
    30: "commands registered again at each start",
    31: "files: too large, from elsewhere, or a sign-in page",
    32: "an app that was removed goes on, or forgets",
    33: "tokens in the log",
}
NOT_MADE: Mapping[tuple[int, str], str] = {
    (7, "slack"): "its library takes a first connection as any other, which 6 has",
    (26, "discord"): "a server has members of one kind, and who may talk is named by account",
    (27, "discord"): "it has no home tab",
    (28, "discord"): "it has no suggested prompts",
    (30, "slack"): "its commands stand in the manifest",
}
"""The mistakes that cannot be made on a platform, and why."""

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
