"""Implements `runtime.afterthoughts.ports.Afterthoughts`: each verb hands its request to the unit of work that knows how."""

from datetime import datetime, timedelta

from runtime.afterthoughts.records import Afterthought, Experience, Summary, Thought
from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.proposals import Turn
from runtime.records import RunId
from storage import afterthoughts, experiences, summaries
from storage.opened import Opened

AFTERTHOUGHT_LEASE = timedelta(minutes=30)  # longer than any is thought about; whoever dies is noticed at once


class Afterthinking(Opened):
    async def claim_afterthought(self, at: datetime, *, platforms: frozenset[str]) -> Afterthought | None:
        if not afterthoughts.has_due(self.database.reader, at, platforms):
            return None
        return await self.database.write(
            lambda tx: afterthoughts.claim_afterthought(
                tx, at, worker_id=self.worker_id, platforms=platforms, lease_for=AFTERTHOUGHT_LEASE
            )
        )

    def next_afterthought(self, platforms: frozenset[str]) -> datetime | None:
        return afterthoughts.next_afterthought(self.database.reader, platforms)

    async def settle_afterthought(self, held: Afterthought, thought: Thought | None, at: datetime) -> bool:
        return await self.database.write(lambda tx: afterthoughts.settle_afterthought(tx, held, thought, at))

    async def release_afterthought(self, held: Afterthought, at: datetime) -> None:
        await self.database.write(lambda tx: afterthoughts.release_afterthought(tx, held))

    async def defer_afterthought(
        self,
        held: Afterthought,
        at: datetime,
        *,
        why: str,
        facts: tuple[Fact, ...],
        again_at: datetime | None,
        shown: tuple[MemoryId, ...] = (),
    ) -> None:
        await self.database.write(
            lambda tx: afterthoughts.defer_afterthought(
                tx, held, at, why=why, facts=facts, again_at=again_at, shown=shown
            )
        )

    def has_forgotten(self, run_id: RunId) -> bool:
        row = self.database.read_row(afterthoughts.HAS_FORGOTTEN, {"run": run_id})
        return bool(row and row[0])

    async def has_read_untrusted(self, conversation_id: int, until: RunId) -> bool:
        parameters = {"conversation": conversation_id, "run": until}
        return bool(list(await self.database.scan(afterthoughts.HAS_READ_UNTRUSTED, parameters)))

    def find_summary(self, conversation_id: int, before: RunId) -> Summary | None:
        return summaries.find_summary(self.database.reader, conversation_id, before)

    async def scan_turns(self, conversation_id: int, *, after: RunId, before: RunId, limit: int) -> tuple[Turn, ...]:
        parameters = {"conversation": conversation_id, "after": after, "before": before, "limit": limit}
        return summaries.read_turns(await self.database.scan(summaries.TURNS, parameters))

    def list_relied_lessons(self, run_id: RunId) -> tuple[MemoryId, ...]:
        return afterthoughts.list_relied_lessons(self.database.reader, run_id)

    def find_experience(self, run_id: RunId) -> Experience | None:
        return experiences.find_experience(self.database.reader, run_id)
