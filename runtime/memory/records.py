"""What is remembered: memories, where each belongs, and what may be found from where."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct, field

from runtime.persons import Persons
from runtime.records import JsonObject, Run, RunId, UserRef

MemoryId = NewType("MemoryId", int)


class MemoryScope(StrEnum):
    """Who a memory is for: one person, a channel with its threads, whoever works in a workspace, everybody."""

    PERSON = "person"
    CONVERSATION = "conversation"
    WORKSPACE = "workspace"
    TEAM = "team"


class MemoryType(StrEnum):
    FACT = "fact"
    PREFERENCE = "preference"
    PROCEDURE = "procedure"
    DECISION = "decision"
    INCIDENT = "incident"
    LESSON = "lesson"


class Place(Struct, frozen=True, order=True):
    """Where a memory belongs. `subject` is an account, a channel or a workspace as they are written, "" for the team."""

    scope: MemoryScope
    subject: str = ""


class NewMemory(Struct, frozen=True, kw_only=True):
    """Something to be remembered. `importance` is between 0 and 1. `said_by` is whose words it goes back to, in `run_id`
    where it was said in a run. `supersedes` are memories of the same place that it contradicts: they become history."""

    text: str
    place: Place
    type: MemoryType
    importance: float
    said_by: UserRef
    run_id: RunId | None = None
    metadata: JsonObject = field(default_factory=dict)
    expires_at: datetime | None = None
    supersedes: tuple[MemoryId, ...] = ()


class Memory(Struct, frozen=True, kw_only=True):
    """A memory on record. One that is retired is history: `superseded_by` another, or found to mislead.

    `uses` counts the runs that had it in a context; `helped` and `misled` how those ended, as far as that was judged.
    """

    id: MemoryId
    text: str
    place: Place
    type: MemoryType
    importance: float
    said_by: UserRef
    run_id: RunId | None
    metadata: JsonObject
    created_at: datetime
    used_at: datetime
    uses: int = 0
    helped: int = 0
    misled: int = 0
    pinned: bool = False
    expires_at: datetime | None = None
    retired_at: datetime | None = None
    superseded_by: MemoryId | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is one person's alone."""
        return self.place.scope is MemoryScope.PERSON


class Found(Struct, frozen=True, kw_only=True):
    """A memory that a search found. `score` orders them, best first."""

    memory: Memory
    score: float


class MemoryQuery(Struct, frozen=True, kw_only=True):
    """What is looked for, in which places; nothing outside of them is ever found. `vector` is that of `text`, where one could
    be made: without it, search is by words alone. `types` limits what is found, None allows all."""

    text: str
    places: frozenset[Place]
    vector: "Vector | None" = None
    types: frozenset[MemoryType] | None = None
    limit: int = 8


class Vector(Struct, frozen=True, kw_only=True):
    """float32, little-endian, of unit length. `space` names the model that made it: two spaces are never compared."""

    space: str
    values: bytes


class Kept(Struct, frozen=True, kw_only=True):
    """What became of something to be remembered. `merged`: it was known already, and `id` is that memory."""

    id: MemoryId
    merged: bool = False


class Forgotten(Struct, frozen=True, kw_only=True):
    """How many memories went. Where there are `runs_in_the_way`, none did: those work with them, and have to end first.
    `lingers`: what went lies in the database's files still, until nobody else holds them."""

    memories: int = 0
    runs_in_the_way: tuple[RunId, ...] = ()
    lingers: bool = False


class ForgottenPerson(Struct, frozen=True, kw_only=True):
    """What went with a person. Where there are `open_runs` of theirs, or `runs_in_the_way`, which are others' and work with what
    would be forgotten, nothing did: those have to end first. `lingers` is as in `Forgotten`."""

    memories: int = 0
    runs: int = 0
    summaries: int = 0
    deliveries: int = 0
    open_runs: tuple[RunId, ...] = ()
    runs_in_the_way: tuple[RunId, ...] = ()
    lingers: bool = False


def places_of(run: Run, persons: Persons) -> frozenset[Place]:
    """Where a run may look: what is its asker's, of its channel, of its workspace, and of the team."""
    own = {Place(MemoryScope.PERSON, str(account)) for account in persons.accounts_of(run.asked_by)}
    around = {channel_of_run(run), Place(MemoryScope.WORKSPACE, run.workspace.id), Place(MemoryScope.TEAM)}
    return frozenset(own | around)


def channel_of_run(run: Run) -> Place:
    """The channel of a run with all its threads, as a place for memories."""
    return Place(MemoryScope.CONVERSATION, run.where.written_channel)
