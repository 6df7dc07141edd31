"""What a run is reminded of: memories and lessons that bear on its request, and what was said before the turns it sees."""

import logging

from msgspec import Struct

from runtime.afterthoughts.legacy import unsummarised
from runtime.afterthoughts.records import Summary
from runtime.errors import StorageError
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.memory.ports import Embedder
from runtime.memory.records import Found, Memory, MemoryId, MemoryQuery, MemoryType, places_of
from runtime.memory.vectors import PATIENCE, vector_of
from runtime.ports import Clock
from runtime.proposals import Turn
from runtime.record_ports import Record
from runtime.records import Run

MEMORIES = 8
LESSONS = 4
_LONGEST_QUERY = 2_000
# How well a memory has to fit at the least, where a vector says so. On the labelled set 56 of 60 right ones fit better, and of
# what requests that have nothing to do with any of it would be reminded of, half does not.
FAINTEST = 0.2
_BESIDES_LESSONS = frozenset(MemoryType) - {MemoryType.LESSON}

log = logging.getLogger(__name__)


class Recalled(Struct, frozen=True, kw_only=True):
    """`by_words_alone`: no vector could be made, so some that bear on the request may be missing."""

    memories: tuple[Memory, ...] = ()
    lessons: tuple[Memory, ...] = ()
    summary: Summary | None = None
    by_words_alone: bool = False

    @property
    def ids(self) -> tuple[MemoryId, ...]:
        return tuple(memory.id for memory in (*self.memories, *self.lessons))

    def turns_besides(self, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        """The turns that the summary does not tell."""
        return unsummarised(turns, self.summary)


NOTHING_RECALLED = Recalled()


class Recaller(Struct, frozen=True, kw_only=True):
    """Costs a look at the record where nothing is remembered. `embedder` is None where search is by words alone;
    a run waits for a vector at most `patience` seconds."""

    record: Record
    clock: Clock
    masker: Masker = NOTHING_OF_OURS
    embedder: Embedder | None = None
    patience: float = PATIENCE

    async def recall(self, run: Run, turns: tuple[Turn, ...], *, most_turns: int) -> Recalled:
        """What the run may know of, from its own places only. Where it cannot be looked up, the run goes on without."""
        try:
            summary = self._summary(run, turns, most_turns)
            places = places_of(run, self.record)
            if not self.record.has_memories(places):
                return NOTHING_RECALLED if summary is None else Recalled(summary=summary)
            text = self.masker.mask(run.request)[:_LONGEST_QUERY]
            vector = await vector_of(text, self.embedder, patience=self.patience)
            memories, lessons = [
                await self._search(MemoryQuery(text=text, places=places, vector=vector, types=types, limit=limit))
                for types, limit in ((_BESIDES_LESSONS, MEMORIES), (frozenset({MemoryType.LESSON}), 2 * LESSONS))
            ]
        except StorageError as error:
            log.warning("run %d goes on without what is remembered: %s", run.id, error)
            return NOTHING_RECALLED
        return Recalled(
            memories=tuple(found.memory for found in memories),
            lessons=best_lessons(lessons),
            summary=summary,
            by_words_alone=self.embedder is not None and vector is None,
        )

    async def _search(self, query: MemoryQuery) -> tuple[Found, ...]:
        found = await self.record.search_memories(query, self.clock.now())
        return found if query.vector is None else tuple(each for each in found if each.score >= FAINTEST)

    def _summary(self, run: Run, turns: tuple[Turn, ...], most_turns: int) -> Summary | None:
        """A conversation has one only if there was once more to tell than a context takes."""
        return self.record.find_summary(run.conversation_id, run.id) if len(turns) >= most_turns else None


def best_lessons(found: tuple[Found, ...]) -> tuple[Memory, ...]:
    """Of the lessons that bear on a request, those that did best; how near they are decides among equals."""
    lessons = sorted(found, key=lambda each: _outcome(each.memory), reverse=True)
    return tuple(each.memory for each in lessons[:LESSONS])


def _outcome(lesson: Memory) -> float:
    """The part of its judged uses in which it helped, as if it had one of each kind to begin with."""
    return (lesson.helped + 1) / (lesson.helped + lesson.misled + 2)
