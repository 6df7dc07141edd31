"""What remembering needs of the record, and of whatever makes vectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from runtime.memory.records import (
    Forgotten,
    ForgottenPerson,
    Found,
    Kept,
    Memory,
    MemoryId,
    MemoryQuery,
    NewMemory,
    Place,
    Vector,
)
from runtime.records import RunId, UserRef


class Memories(Protocol):
    """What is remembered. What is asked for by places is looked for in those alone, in the query itself."""

    async def remember(self, new: NewMemory, at: datetime, *, vector: Vector | None = None) -> Kept:
        """Keep it. Where the place knows nearly the same already, that memory gains in its stead; what it supersedes
        becomes history, if it belongs to the same place."""
        ...

    def find_memory(self, memory_id: MemoryId) -> Memory | None: ...
    def has_memories(self, places: frozenset[Place]) -> bool:
        """Whether there is anything to be found there. Cheap: asked before each run."""
        ...

    async def search_memories(self, query: MemoryQuery, at: datetime) -> tuple[Found, ...]:
        """The best first. What is retired or expired is not found."""
        ...

    async def list_memories(
        self,
        places: frozenset[Place],
        at: datetime,
        *,
        retired: bool = False,
        before: MemoryId | None = None,
        limit: int = 20,
    ) -> tuple[Memory, ...]:
        """Newest first; `retired` ones too where asked for."""
        ...

    async def list_places(self) -> frozenset[Place]:
        """Every place that anything is remembered in, for whoever looks after the installation."""
        ...

    async def forget(self, memory_ids: Sequence[MemoryId], at: datetime, *, by: UserRef) -> Forgotten:
        """Remove memories with everything that says what they said: the versions that they superseded, vectors, words of the
        index, what was said in the runs that they come from, answers and calls that told of them, what people were told, standing
        approvals that can no longer be read. That something was done, and who decided about it, stays; what others said by
        themselves does too. The trail still verifies.

        Where a run works with them, or waits with a call that tells of them, nothing is forgotten. One that expired with such a
        call is ended: `by` is who wanted it.

        Takes as long as copying the database: nothing of what went is left in any file when it returns, unless somebody else
        holds the database just then. `scour` finishes that later.
        """
        ...

    async def forget_person(self, accounts: frozenset[UserRef], at: datetime) -> ForgottenPerson:
        """Remove all that is a person's: their memories, what goes back to their words elsewhere, lessons of their runs, the
        runs, the summaries that cover them, what others saw of them on pages, what they were told, what is allowed for them
        alone. What they decided in other people's runs, and who is whom, stays: others rely on it. Where a run of theirs is
        open, or one of others is in the way as in `forget`, nothing is forgotten."""
        ...

    async def scour(self) -> bool:
        """Finish a forgetting that was cut short. Costs one look where none was. False: try again later."""
        ...

    async def pin(self, memory_id: MemoryId, *, pinned: bool) -> bool:
        """Whether there is such a memory. What is pinned does not fade."""
        ...

    async def expire_memories(self, at: datetime) -> int:
        """Remove what was to be kept until now only. Returns how many went."""
        ...

    async def list_without_vector(
        self, space: str, *, limit: int, before: MemoryId | None = None
    ) -> tuple[tuple[MemoryId, str], ...]:
        """Memories that can be found and have no vector of this space, with their texts: the newest first, those `before`
        where it is given."""
        ...

    async def keep_vectors(self, vectors: Mapping[MemoryId, Vector]) -> int:
        """Returns how many were new. What is forgotten or history by now needs none."""
        ...

    async def drop_other_vectors(self, space: str) -> int:
        """Remove what no search uses once everything has a vector of this space. Returns how many went."""
        ...

    def list_reliances(self, run_id: RunId) -> tuple[MemoryId, ...]:
        """What a run had in its contexts and is still remembered, history included."""
        ...


class Embedder(Protocol):
    """Makes vectors of texts."""

    async def space(self) -> str:
        """Names the model; vectors of two spaces are never compared. Raises EmbeddingUnavailable where only the model can
        tell, and does not."""
        ...

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One for each text, in order, off the event loop. Raises EmbeddingUnavailable: then search is by words alone.
        Whoever gives up waiting loses nothing: a model that is being loaded is loaded once, for all."""
        ...
