"""What is owed to a run after its end, and what comes of it."""

from enum import StrEnum

from msgspec import Struct

from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId, NewMemory, Vector
from runtime.records import JsonObject, RunId

MAX_ATTEMPTS = 3


class AfterthoughtKind(StrEnum):
    """What to remember of a run, what to learn from it, and what was said so far in its conversation."""

    MEMORY = "memory"
    REFLECTION = "reflection"
    SUMMARY = "summary"


class Afterthought(Struct, frozen=True, kw_only=True):
    """One that was claimed. `attempts` failed before. A newer claim makes the token worthless."""

    run_id: RunId
    kind: AfterthoughtKind
    token: int
    attempts: int = 0


class Experience(Struct, frozen=True, kw_only=True):
    """What the critic made of a run. `lesson_id` is None where there was nothing to learn for another time."""

    run_id: RunId
    succeeded: bool
    summary: str
    worked: str
    failed: str
    confidence: float
    lesson_id: MemoryId | None = None


class Judgement(Struct, frozen=True, kw_only=True):
    """What a lesson did to a run that had it in its context."""

    lesson_id: MemoryId
    helped: bool


class Summary(Struct, frozen=True, kw_only=True):
    """What was said in a conversation from one run to another, both included."""

    conversation_id: int
    first_run: RunId
    last_run: RunId
    text: str


class Thought(Struct, frozen=True, kw_only=True):
    """What came of an afterthought; all of it is committed together, or nothing.

    `made_of` are the runs whose words are in it, `shown` the memories that were at hand: where anything of them was forgotten
    meanwhile, it is dropped.
    `summary` takes the place of `older`, which must still stand for that.
    """

    made_of: tuple[RunId, ...]
    shown: tuple[MemoryId, ...] = ()
    facts: tuple[Fact, ...] = ()
    memory: NewMemory | None = None
    vector: Vector | None = None
    experience: Experience | None = None
    judgements: tuple[Judgement, ...] = ()
    summary: Summary | None = None
    older: Summary | None = None


class NoThought(Struct, frozen=True, kw_only=True):
    """The model answered, and nothing usable. `facts` are those of its calls, `shown` the memories that it was shown."""

    why: str
    facts: tuple[Fact, ...] = ()
    shown: tuple[MemoryId, ...] = ()


def memory_stored(memory_id: MemoryId, memory: NewMemory, *, merged: bool) -> Fact:
    """The text is the memory's: what forgets the memory has nothing to erase here."""
    body: JsonObject = {
        "memory": memory_id, "merged": merged, "scope": memory.place.scope.value, "type": memory.type.value,
    }  # fmt: skip
    return Fact(EventType.MEMORY_STORED, body)


def reflection_completed(experience: Experience, judgements: tuple[Judgement, ...], lesson_id: MemoryId | None) -> Fact:
    """What was concluded stands in the experience and in the lesson."""
    body: JsonObject = {
        "succeeded": experience.succeeded,
        "confidence": experience.confidence,
        "lesson": lesson_id,
        "helped": [each.lesson_id for each in judgements if each.helped],
        "misled": [each.lesson_id for each in judgements if not each.helped],
    }
    return Fact(EventType.REFLECTION_COMPLETED, body)


def afterthought_failed(kind: AfterthoughtKind, why: str, attempts: int) -> Fact:
    type_ = EventType.REFLECTION_FAILED if kind is AfterthoughtKind.REFLECTION else EventType.MEMORY_POLICY_FAILED
    return Fact(type_, {"of": kind.value, "why": why, "attempts": attempts})
