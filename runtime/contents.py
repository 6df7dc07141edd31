"""What Mallard can say in a conversation: a closed union that each platform renders in its own best manner.

The bodies that are stored with deliveries are written and read here alone.
"""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from runtime.records import ApprovalId, ApprovalKind, Requirement, Risk, RunId, Verdict
from runtime.states import ApprovalStatus


class Text(Struct, frozen=True, kw_only=True):
    """Markdown (CommonMark). Platforms neutralise mentions and links previews in it, always."""

    markdown: str


class File(Struct, frozen=True, kw_only=True):
    """A text that is too long for messages, with a line to post beside it."""

    name: str
    text: str
    comment: str = ""


class Argument(Struct, frozen=True, kw_only=True):
    """One argument of a call as text, whole. Platforms may shorten it and must then say by how many bytes."""

    name: str
    text: str


class Button(Struct, frozen=True, kw_only=True):
    """`token` is what a click sends back: installation, approval and verb, nothing else; at most 100 characters."""

    verb: str
    label: str
    token: str
    style: str = ""  # "", "primary" or "danger"


class Card(Struct, frozen=True, kw_only=True):
    """An approval, whole, as it stands. `buttons` is empty once nothing can be decided.

    `closing` is the one line that says how it ended, who decided and when; "" while it is pending.
    """

    approval_id: ApprovalId
    run_id: RunId
    kind: ApprovalKind
    status: ApprovalStatus
    title: str
    requested_by: str
    claim: str
    tool: str
    arguments: tuple[Argument, ...]
    preview: str
    why_asked: str
    risk: Risk
    requirement: Requirement
    deciders: str
    workspace: str
    digest: str
    requested_at: datetime
    expires_at: datetime | None
    closing: str
    buttons: tuple[Button, ...]


class Entry(Struct, frozen=True, kw_only=True):
    """One line of a page. `token` opens more about it; "" where there is no more."""

    text: str
    detail: str = ""
    token: str = ""


class Page(Struct, frozen=True, kw_only=True):
    """A list that one person asked for: history, pending approvals, a run's timeline, help, options.

    `older` and `newer` are tokens of the neighbouring pages, "" at the ends.
    """

    title: str
    entries: tuple[Entry, ...]
    note: str = ""
    older: str = ""
    newer: str = ""


Content: TypeAlias = Text | File | Card | Page

VERB_LABELS: dict[str, str] = {
    Verdict.APPROVE: "Approve",
    "always": "Always allow",
    Verdict.DENY: "Deny",
    Verdict.CHANGE: "Change…",
    Verdict.ANSWER: "Answer…",
    Verdict.MARK_DONE: "Mark done",
    Verdict.MARK_FAILED: "Mark failed",
    Verdict.RETRY: "Retry",
    "show": "Show everything",
    "again": "Ask again",
}
