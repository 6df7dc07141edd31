"""Questions to people, their decisions, and standing approvals."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from runtime.records.ids import ApprovalId, CallId, GrantId, JsonObject, RunId
from runtime.records.places import UserRef
from runtime.states import ApprovalStatus


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


class GrantKind(StrEnum):
    """Which calls a standing approval covers: one call, with these arguments · commands that begin with these words ·
    every call of a tool."""

    EXACT = "exact"
    PREFIX = "prefix"
    TOOL = "tool"


class Decision(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    by: UserRef
    by_name: str = ""
    grant: GrantScope | None = None
    comment: str = ""
    at: datetime
    where: str = ""


class Approval(Struct, frozen=True, kw_only=True):
    id: ApprovalId
    run_id: RunId
    call_id: CallId
    kind: ApprovalKind
    status: ApprovalStatus
    requirement: Requirement
    requested_at: datetime
    expires_at: datetime | None
    decision: Decision | None = None


class Grant(Struct, frozen=True, kw_only=True):
    """A standing approval. `digest` is that of the call it was made on: an exact one covers that call and no other.

    A broader one covers calls of the same `version` of the tool in the same workspace: those of which `prefix` are the first
    words and `others` the other arguments, or all. After `most_uses` uses it ends.
    """

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
    kind: GrantKind = GrantKind.EXACT
    version: str = ""
    prefix: tuple[str, ...] = ()
    others: JsonObject = field(default_factory=dict)
    most_uses: int | None = None
