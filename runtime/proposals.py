"""What the runtime hands to the record, and what it gets back where a plain value will not do."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from runtime.facts import Fact
from runtime.records import (
    Approval,
    ApprovalId,
    ApprovalKind,
    CallId,
    ConversationRef,
    DeliveryId,
    Denial,
    Effect,
    GrantId,
    IncomingMessage,
    JsonObject,
    Lease,
    Observation,
    Reasoning,
    Requirement,
    Risk,
    Run,
    RunId,
    ToolCall,
    UserRef,
    Workspace,
)
from runtime.states import CallState, RunStatus


class Intake(Struct, frozen=True, kw_only=True):
    """A message on its way to become a run, with the settings that are frozen into it.

    `heard` is said in the conversation when the run has to wait its turn; "" says nothing. `moves_bound`: catching up
    need not look for anything before this message again.
    """

    message: IncomingMessage
    workspace: Workspace
    reasoning: Reasoning
    debug: bool
    reflect: bool
    heard: str
    moves_bound: bool = True


class Received(Struct, frozen=True, kw_only=True):
    """`run` is None for a message that had been received before. `lease`: the accepting transaction claimed it."""

    run: Run | None
    lease: Lease | None = None


class Claimed(Struct, frozen=True, kw_only=True):
    """`begun` is the call that was marked as started for this worker with the claim, and is now the worker's to run."""

    lease: Lease
    run: Run
    begun: CallId | None = None


class Returned(Struct, frozen=True, kw_only=True):
    """What a call came back with, and when. `facts` are what is to stand in the trail before it."""

    call: ToolCall
    observation: Observation
    facts: tuple[Fact, ...]
    at: datetime


class Ruling(Struct, frozen=True, kw_only=True):
    """What the policy says of a call: READY, AWAITING_APPROVAL (what of whom, until when) or DENIED (why).

    `otherwise` is what it says where the grant has no use left by the time that the call is recorded.
    """

    state: CallState
    kind: ApprovalKind = ApprovalKind.PERMISSION
    requirement: Requirement = Requirement.APPROVERS
    expires_at: datetime | None = None
    grant: GrantId | None = None
    denial: Denial | None = None
    otherwise: "Ruling | None" = None


class ProposedCall(Struct, frozen=True, kw_only=True):
    """A call that was reviewed, as it is about to be recorded."""

    tool: str
    version: str
    arguments: JsonObject
    digest: str
    effect: Effect
    risk: Risk
    reason: str
    why_asked: str
    preview: str
    target: str
    reads_untrusted: bool = False
    sends_out: bool = False
    each_time: bool = False
    ruling: Ruling


class Reply(Struct, frozen=True, kw_only=True):
    """Something owed to a conversation beside a run's answer. `kind` is `notice` or `page`."""

    where: ConversationRef
    direct: bool
    person: UserRef
    kind: str
    body: JsonObject


class Ending(StrEnum):
    """How a leased run ends, named as in the state table."""

    ANSWERED = "answered"
    GAVE_UP = "gave_up"
    CANCELLED = "cancelled"


class OpenedAnswer(Struct, frozen=True, kw_only=True):
    """`fresh` is False where an earlier worker had begun to show an answer: then it is not streamed again."""

    delivery: DeliveryId
    fresh: bool


class Settled(Struct, frozen=True, kw_only=True):
    """`won` says whether it was this decision that settled the approval, which stands as in `approval`."""

    won: bool
    approval: Approval
    claimed: Claimed | None = None


class Turn(Struct, frozen=True, kw_only=True):
    """An earlier request of the conversation, and what became of it."""

    run_id: int
    author: str
    request: str
    answer: str | None
    status: str


class RunLine(Struct, frozen=True, kw_only=True):
    """A run as a line of a list; `request` is shortened to 300 characters."""

    id: RunId
    where: ConversationRef
    direct: bool
    asked_by: UserRef
    request: str
    status: RunStatus
    created_at: datetime


class PastRun(Struct, frozen=True, kw_only=True):
    """A run as its person looks for it: what was asked and answered, whole."""

    id: RunId
    status: RunStatus
    created_at: datetime
    request: str
    answer: str


class PendingLine(Struct, frozen=True, kw_only=True):
    """An approval that waits: enough to tell whom it concerns."""

    id: ApprovalId
    requirement: Requirement
    asked_by: UserRef


class RunQuery(Struct, frozen=True, kw_only=True):
    """Which runs to list, newest first. `before` and `after` are run ids, exclusive: the neighbours of a page.
    `said_until` is when at the latest the message was sent that asked for it."""

    status: RunStatus | None = None
    conversation_id: int | None = None
    since: datetime | None = None
    said_until: datetime | None = None
    before: int | None = None
    after: int | None = None
    limit: int = 20


class Conversation(Struct, frozen=True, kw_only=True):
    """A conversation as it is known; `options` are what people set in it."""

    id: int
    options: JsonObject
