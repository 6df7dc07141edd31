"""search_history: find what the person who asks has asked before, and what came of it."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from msgspec.structs import replace
from pydantic import Field

from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.proposals import PastRun
from runtime.records import Effect, Observation, Risk, Run, RunId, UserRef, Workspace
from runtime.showing import shortened
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments

_BATCH = 500
_MOST_LOOKED_AT = 20_000
_AROUND = 160


class History(Protocol):
    """What of the record this tool reads."""

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]: ...
    def load_run(self, run_id: RunId) -> Run: ...
    async def scan_own(
        self, accounts: frozenset[UserRef], *, conversation_id: int | None, before: RunId, limit: int
    ) -> tuple[PastRun, ...]: ...


class SearchHistoryArguments(ToolArguments):
    words: str = Field(
        default="",
        max_length=500,
        description="Words that must all occur in a request or its answer; none for all runs.",
    )
    before: int | None = Field(default=None, ge=1, description="Only runs before this number: the next page.")
    count: int = Field(default=10, ge=1, le=50, description="How many runs at most.")


class SearchHistory:
    """A person's own runs, by whichever of their accounts; in a conversation that others read, those of it alone.

    `masker` goes over texts before they are cut: nothing recognises half a secret.
    """

    name = "search_history"
    version = "1"
    description = "Search the earlier requests of the person who asks, and the answers to them, newest first."
    effect = Effect.NONE
    arguments = SearchHistoryArguments
    timeout = 60.0
    output_cap = 30_000

    def __init__(self, history: History, masker: Masker = NOTHING_OF_OURS) -> None:
        self._history = history
        self._masker = masker

    async def assess(self, arguments: SearchHistoryArguments, workspace: Workspace) -> Assessment:
        return Assessment(risk=Risk.NONE, reads_untrusted=True)  # what was answered may quote anybody

    async def run(self, arguments: SearchHistoryArguments, scope: ToolScope) -> Observation:
        if scope.asked_by is None or scope.run_id is None:
            raise ToolFailed("Nobody is known to have asked, so there is nobody's history to search.")
        run = self._history.load_run(scope.run_id)
        conversation = None if run.direct else run.conversation_id
        before = min(arguments.before or scope.run_id, scope.run_id)
        words = arguments.words.casefold().split()
        found, looked_to = await self._find(words, arguments.count, scope.asked_by, conversation, RunId(before))
        shown = [_without_secrets(each, self._masker) for each in found[: arguments.count]]
        return Observation(
            ok=True,
            text=_page(shown, words, more=len(found) > len(shown), looked_to=looked_to, here=not run.direct),
            metadata={"found": len(shown)},
        )

    async def _find(
        self, words: Sequence[str], count: int, person: UserRef, conversation: int | None, before: RunId
    ) -> tuple[list[PastRun], int]:
        """One more than asked for, where there are more; and the last run that was looked at, 0 where it was the first."""
        accounts = self._history.accounts_of(person)
        found: list[PastRun] = []
        for _ in range(_MOST_LOOKED_AT // _BATCH):
            batch = await self._history.scan_own(accounts, conversation_id=conversation, before=before, limit=_BATCH)
            found += await asyncio.to_thread(_that_say, batch, words)
            if len(found) > count or len(batch) < _BATCH:
                return found, 0
            before = batch[-1].id
        return found, before


def _that_say(runs: Sequence[PastRun], words: Sequence[str]) -> list[PastRun]:
    return [run for run in runs if all(word in f"{run.request}\n{run.answer}".casefold() for word in words)]


def _without_secrets(run: PastRun, masker: Masker) -> PastRun:
    return replace(run, request=masker.mask(run.request), answer=masker.mask(run.answer))


def _page(runs: Sequence[PastRun], words: Sequence[str], *, more: bool, looked_to: int, here: bool) -> str:
    lines = [_entry(run, words) for run in runs] or ["No earlier run was found."]
    if more:
        lines.append(f"[there are more: before={runs[-1].id}]")
    elif looked_to:
        lines.append(f"[there are older runs that were not looked at: before={looked_to}]")
    if here:
        lines.append("[others read this conversation, so only its own runs were searched; in a direct message all are]")
    return "\n\n".join(lines)


def _entry(run: PastRun, words: Sequence[str]) -> str:
    head = f"run {run.id} · {run.status} · {run.created_at:%Y-%m-%d %H:%M} UTC"
    answer = f"\nanswer: {_around(run.answer, words)}" if run.answer else ""
    return f"{head}\nasked: {_around(run.request, words)}{answer}"


def _around(text: str, words: Sequence[str]) -> str:
    """The part of a text where the first of the words stands."""
    line = " ".join(text.split())
    folded = line.casefold()
    at = min((found for word in words if (found := folded.find(word)) >= 0), default=0)
    start = max(0, at - _AROUND)
    return f"{'…' if start else ''}{shortened(line[start:], 2 * _AROUND)}"
