"""What afterthoughts need of the record."""

from datetime import datetime
from typing import Protocol

from runtime.afterthoughts.records import Afterthought, Experience, Summary, Thought
from runtime.facts import Fact
from runtime.memory.records import MemoryId
from runtime.proposals import Turn
from runtime.records import RunId


class Afterthoughts(Protocol):
    """The rows are written by whatever ends a run; these are worked beside all runs, one commit each."""

    async def claim_afterthought(self, at: datetime, *, platforms: frozenset[str]) -> Afterthought | None:
        """The oldest that is due, of a conversation none of whose afterthoughts of that kind is being worked."""
        ...

    def next_afterthought(self, platforms: frozenset[str]) -> datetime | None:
        """When the next is due that nobody works."""
        ...

    async def settle_afterthought(self, held: Afterthought, thought: Thought | None, at: datetime) -> bool:
        """It is done, and this is what came of it; None: nothing. All in one transaction. False: it is another's now."""
        ...

    async def release_afterthought(self, held: Afterthought, at: datetime) -> None:
        """Put it back as it was: the worker shuts down."""
        ...

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
        """Count a failed attempt. Without `again_at`, or where it was the last one, it failed, which is an event. Where the run,
        or a memory that was `shown`, was forgotten meanwhile, nothing is said of what went wrong."""
        ...

    def has_forgotten(self, run_id: RunId) -> bool:
        """Whether anything of a run was forgotten, or the run itself."""
        ...

    async def has_read_untrusted(self, conversation_id: int, until: RunId) -> bool:
        """Whether a run of the conversation, up to this one, may have read text that nobody here vouches for."""
        ...

    def find_summary(self, conversation_id: int, before: RunId) -> Summary | None:
        """The newest that covers nothing but runs before this one."""
        ...

    async def scan_turns(self, conversation_id: int, *, after: RunId, before: RunId, limit: int) -> tuple[Turn, ...]:
        """The newest of the turns between two runs (exclusive) that nothing was forgotten of; oldest first."""
        ...

    def list_relied_lessons(self, run_id: RunId) -> tuple[MemoryId, ...]:
        """The lessons that were in the context of a run."""
        ...

    def find_experience(self, run_id: RunId) -> Experience | None: ...
