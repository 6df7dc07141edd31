"""The values that the whole house speaks of. Frozen; times are aware UTC; ids are the database's integers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Self, TypeAlias

from runtime.states import ApprovalStatus, CallState, DeliveryStatus, RunStatus

RunId = NewType("RunId", int)
CallId = NewType("CallId", int)
ApprovalId = NewType("ApprovalId", int)
GrantId = NewType("GrantId", int)
DeliveryId = NewType("DeliveryId", int)

JsonObject: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRef:
    """A person on a platform. Written `slack:T1/U2`; platforms without spaces write `discord:42`."""

    platform: str
    space: str = ""
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.space}/{self.id}" if self.space else f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form. Raises ValueError that names the form wanted."""
        found = re.fullmatch(r"([a-z]+):(?:([^/\s:]+)/)?([^/\s:]+)", text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a person: write slack:TEAM/USER, discord:USER or terminal:USER")
        platform, space, id_ = found.groups()
        return cls(platform=platform, space=space or "", id=id_)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRef:
    """A thread, channel or direct message. `thread` is "" where the conversation is not a thread."""

    platform: str
    space: str = ""
    channel: str
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """A message that stands on a platform. `id` is unique within `where.channel`."""

    where: ConversationRef
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a message, `size` bytes. `source` is what the platform fetches it by.

    Until it was fetched, `text` is None and `note` is "". Afterwards `text` is its text, shortened to the cap, or
    None where it is not text; `note` says what was left out and why.
    """

    name: str
    media_type: str
    size: int
    source: str = ""
    text: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """A message to Mallard. `id` is the platform's own and the key of deduplication within platform, space and channel.

    `direct` says that only its author and Mallard can read the conversation.
    `addressed` is False for a reply in a thread that names nobody: it is for Mallard only where Mallard has a run.
    """

    id: str
    where: ConversationRef
    author: UserRef
    author_name: str = ""
    text: str
    sent_at: datetime
    direct: bool = False
    addressed: bool = True
    attachments: tuple[Attachment, ...] = ()
    reasoning: "Reasoning | None" = None
    debug: bool | None = None


class Reasoning(StrEnum):
    ON = "on"
    OFF = "off"
    AUTO = "auto"


class Effect(StrEnum):
    """What running a call a second time would do: nothing, the same once more, or something new in the world."""

    NONE = "none"
    IDEMPOTENT = "idempotent"
    EXTERNAL = "external"


class Risk(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Requirement(StrEnum):
    """Who may decide: the requester or an approver · an approver · an approver who is not the requester."""

    REQUESTER = "requester"
    APPROVERS = "approvers"
    OTHER_APPROVER = "other_approver"


class ApprovalKind(StrEnum):
    PERMISSION = "permission"
    OUTCOME = "outcome"
    QUESTION = "question"


class Verdict(StrEnum):
    APPROVE = "approve"
    DENY = "deny"
    CHANGE = "change"
    MARK_DONE = "mark_done"
    MARK_FAILED = "mark_failed"
    RETRY = "retry"
    ANSWER = "answer"


class GrantScope(StrEnum):
    """Whom a standing approval covers: the person who asked · everybody in the conversation · in the workspace."""

    PERSON = "person"
    CONVERSATION = "conversation"
    WORKSPACE = "workspace"


class DeniedBy(StrEnum):
    PERSON = "person"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A named folder that a run's tools are confined to. `path` is absolute and real."""

    id: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the planner is told came back from a call."""

    ok: bool
    text: str
    error: str = ""
    metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    by: DeniedBy
    reason: str
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """What the planner asked for. Everything but state, attempt, observation and denial never changes.

    `digest` is the hex SHA-256 that binds tool, version, arguments and workspace. `target` fingerprints what the
    call would change, as it was when it was shown. `preview` is shown on the card beside the arguments.
    """

    id: CallId
    number: int
    tool: str
    version: str
    arguments: JsonObject
    digest: str
    effect: Effect
    risk: Risk
    reason: str
    why_asked: str = ""
    preview: str = ""
    target: str = ""
    state: CallState
    attempt: int = 1
    observation: Observation | None = None
    denial: Denial | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    number: int
    text: str
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One request worked to an end. `settings` were frozen when its message was received."""

    id: RunId
    conversation_id: int
    where: ConversationRef
    direct: bool
    message_id: str
    asked_by: UserRef
    author_name: str = ""
    request: str
    attachments: tuple[Attachment, ...] = ()
    workspace: Workspace
    reasoning: Reasoning
    debug: bool
    reflect: bool
    status: RunStatus
    steps: tuple[Step, ...] = ()
    attempts: int = 0
    cancel_requested: bool = False
    cancelled_by: str = ""
    answer: str | None = None
    failure: str = ""
    created_at: datetime
    ended_at: datetime | None = None
    model_away_since: datetime | None = None

    def find_call(self, call_id: CallId) -> ToolCall | None:
        return next((call for step in self.steps for call in step.calls if call.id == call_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A claim on a run. Worker writes carry it; a newer claim makes it worthless."""

    run_id: RunId
    token: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    verdict: Verdict
    by: UserRef
    by_name: str = ""
    grant: GrantScope | None = None
    comment: str = ""
    at: datetime
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    id: ApprovalId
    run_id: RunId
    call_id: CallId
    kind: ApprovalKind
    status: ApprovalStatus
    requirement: Requirement
    requested_at: datetime
    expires_at: datetime | None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A standing approval for exactly these arguments in this workspace (`digest`)."""

    id: GrantId
    tool: str
    digest: str
    scope: GrantScope
    subject: str
    workspace: str
    shown: str
    created_by: UserRef
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message owed to a conversation. `body` is what it says where the record alone cannot tell.

    `sent` are the messages it became so far, or, for an update of a card, the messages that it edits. `form` is `full`,
    or `text` or `direct` once the full form could not be delivered. `tried_before` says that it may stand already.
    """

    id: DeliveryId
    run_id: RunId | None
    approval_id: ApprovalId | None
    where: ConversationRef
    direct: bool
    person: UserRef
    kind: str
    body: JsonObject
    status: DeliveryStatus
    attempts: int
    form: str
    sent: tuple[MessageRef, ...]
    tried_before: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact already committed. `body` is None where its payload has been erased."""

    run_id: RunId
    seq: int
    type: str
    at: datetime
    body: JsonObject | None
