"""What the runtime writes in the record; `storage` serves it. Each change is one transaction, events and deliveries included."""

from datetime import datetime
from typing import Protocol

from runtime.afterthoughts.legacy import NO_LEGACY, Legacy
from runtime.afterthoughts.ports import Afterthoughts
from runtime.archive import Archive
from runtime.facts import Fact
from runtime.link_facts import LinkFact
from runtime.memory.ports import Memories
from runtime.memory.records import MemoryId
from runtime.persons import Persons, WhoIsWho
from runtime.ports import Seen
from runtime.proposals import (
    Claimed,
    Ending,
    Intake,
    OpenedAnswer,
    ProposedCall,
    Received,
    Reply,
    Returned,
    Settled,
)
from runtime.records import (
    ApprovalId,
    Attachment,
    CallId,
    ConversationRef,
    Decision,
    Delivery,
    DeliveryId,
    Grant,
    GrantId,
    IncomingMessage,
    JsonObject,
    Lease,
    MessageRef,
    Notice,
    Observation,
    Requirement,
    Run,
    RunId,
    ToolCall,
    UserRef,
)
from runtime.skills.ports import Lessons
from runtime.states import RunStatus


class Inbox(Protocol):
    """What doors write. None of it needs a lease."""

    async def receive(self, intake: Intake, at: datetime, *, claim: bool) -> Received: ...
    async def receive_command(
        self, message: IncomingMessage, reply: Reply | None, at: datetime, *, moves_bound: bool = True
    ) -> bool: ...
    async def move_bounds(self, seen: tuple[Seen, ...]) -> None:
        """Catching up need not look for anything before these again."""
        ...

    async def begin_serving(self, platform: str, at: datetime) -> datetime:
        """Note that a platform is about to be served. Returns when it was for the first time."""
        ...

    async def settle(
        self,
        approval_id: ApprovalId,
        decision: Decision,
        *,
        grant: Grant | None,
        claim: bool,
        people_as_of: int | None = None,
    ) -> Settled:
        """`people_as_of`: who may decide was judged by who was whom then. Raises PeopleChanged where that is over."""
        ...

    async def record_outside(self, run_id: RunId, facts: tuple[Fact, ...], at: datetime) -> None:
        """What happened to a run beside its work, whatever became of it: a refused click, a command of a lost lease."""
        ...

    async def ask_again(self, run_id: RunId, at: datetime, *, by: UserRef, expires_at: datetime | None) -> bool: ...
    async def cancel(self, run_id: RunId, at: datetime, *, by: UserRef) -> RunStatus: ...
    async def set_options(self, where: ConversationRef, *, direct: bool, options: JsonObject) -> None: ...
    async def revoke_grant(self, grant_id: GrantId, at: datetime, *, by: UserRef) -> bool: ...
    async def expire_due(self, at: datetime) -> int: ...


class Progress(Protocol):
    """What a worker writes. Everything with a lease raises LeaseLost once the lease is another's.

    `run` is the run as the worker last had it from here; what comes back is the run as it then stands. What nothing in the
    world follows from is not waited for: a failure of such a write is raised by the next one.
    """

    async def claim(self, at: datetime, *, platforms: frozenset[str], limit: int) -> list[Claimed]: ...
    async def renew(self, at: datetime, tokens: tuple[int, ...]) -> frozenset[int]: ...
    async def drop(
        self,
        lease: Lease,
        at: datetime,
        *,
        may_have_run: frozenset[CallId],
        returned: Returned | None = None,
        not_before: datetime | None = None,
    ) -> None:
        """Count a failed attempt; there is none `not_before`. Calls that are started become what `release` makes of them."""
        ...

    async def take_back(self, at: datetime) -> None: ...
    async def release(
        self,
        lease: Lease,
        at: datetime,
        *,
        may_have_run: frozenset[CallId],
        returned: Returned | None = None,
        facts: tuple[Fact, ...] = (),
        relied: tuple[MemoryId, ...] = (),
        not_before: datetime | None = None,
        model_away_since: datetime | None = None,
        said: str = "",
    ) -> None:
        """Put a run back into the queue, and say why where something is `said`. Of its started calls the one that has `returned`
        is observed, and the others are ready again, but those that may have run. Raises MemoryGone where one that it `relied`
        on is gone: then it is not put back."""
        ...

    async def record_attachments(self, lease: Lease, attachments: tuple[Attachment, ...]) -> Run: ...
    async def record_step(
        self,
        lease: Lease,
        run: Run,
        at: datetime,
        *,
        text: str,
        calls: tuple[ProposedCall, ...],
        facts: tuple[Fact, ...],
        relied: tuple[MemoryId, ...] = (),
    ) -> Run:
        """Record a directive and begin with it in the same transaction: its first call is marked as started where it is
        ready and has no target to look at, and the run is suspended where that call waits for a person.

        `relied` are the memories that it was planned with. Raises MemoryGone, and records nothing, where one is gone."""
        ...

    async def mark_started(self, lease: Lease, call: ToolCall, at: datetime) -> None: ...
    async def record_observation(
        self,
        lease: Lease,
        run: Run,
        call: ToolCall,
        observation: Observation,
        at: datetime,
        *,
        facts: tuple[Fact, ...] = (),
    ) -> Run: ...
    async def record_unknown_outcome(
        self, lease: Lease, call: ToolCall, requirement: Requirement, at: datetime, *, why: str, facts: tuple[Fact, ...]
    ) -> Run: ...
    async def record_stale(
        self,
        lease: Lease,
        call: ToolCall,
        at: datetime,
        *,
        requirement: Requirement,
        expires_at: datetime | None,
        preview: str,
        target: str,
    ) -> Run: ...
    async def suspend(self, lease: Lease, at: datetime) -> Run: ...
    async def open_answer(self, lease: Lease, at: datetime) -> OpenedAnswer: ...
    async def record_answer_posted(self, delivery: DeliveryId, message: MessageRef) -> None: ...
    async def finish(
        self,
        lease: Lease,
        run: Run,
        at: datetime,
        *,
        ending: Ending,
        text: str,
        facts: tuple[Fact, ...],
        streamed: bool,
        legacy: Legacy = NO_LEGACY,
    ) -> DeliveryId:
        """End a run with its last words. Raises MemoryGone where a memory that it relied on is gone: then it goes on."""
        ...


class Outbox(Protocol):
    """What the courier writes."""

    async def claim_deliveries(self, at: datetime, *, platforms: frozenset[str], limit: int) -> list[Delivery]: ...
    async def record_piece_sent(self, delivery: DeliveryId, sent: tuple[MessageRef, ...]) -> None: ...
    async def settle_sent(
        self, delivery: DeliveryId, at: datetime, *, sent: tuple[MessageRef, ...] | None = None
    ) -> None: ...
    async def hand_over(self, delivery: DeliveryId, at: datetime) -> None: ...
    async def defer(
        self,
        delivery: DeliveryId,
        *,
        not_before: datetime,
        error: str,
        form: str | None = None,
        unsent: bool,
        counted: bool = True,
    ) -> None: ...
    async def owe_copy(
        self, card: DeliveryId, where: ConversationRef, *, form: str, error: str, at: datetime
    ) -> None: ...
    async def move_to_direct(self, delivery: DeliveryId, where: ConversationRef) -> None: ...
    async def give_up(self, delivery: DeliveryId, *, error: str) -> None: ...
    async def owe_notice(
        self, where: ConversationRef, *, direct: bool, to: UserRef, markdown: str, at: datetime
    ) -> None: ...
    async def owe_file(self, run: Run, *, name: str, text: str, comment: str, at: datetime) -> None: ...


class People(Persons, Protocol):
    """Which accounts are one person's."""

    @property
    def who_is_who(self) -> WhoIsWho:
        """As it is committed now, by whatever process."""
        ...

    async def record_people(
        self, facts: tuple[LinkFact, ...], notices: tuple[Notice, ...], at: datetime, *, as_of: int
    ) -> None:
        """Record what was decided on who was whom `as_of` that fact. Raises PeopleChanged where that is over."""
        ...


class Record(Archive, Inbox, Progress, Outbox, People, Memories, Afterthoughts, Lessons, Protocol):
    """The whole record."""
