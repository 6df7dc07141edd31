"""What can be said to have happened to who is whom: the event types, and what each says in its body.

Accounts are written as everywhere. A request is named by the number of the event that made it.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from runtime.records import JsonObject, LinkRequestId, UserRef


class LinkEventType(StrEnum):
    LINK_REQUESTED = "link_requested"
    ACCOUNTS_LINKED = "accounts_linked"
    LINK_REFUSED = "link_refused"
    LINK_EXPIRED = "link_expired"
    LINK_WITHDRAWN = "link_withdrawn"
    ACCOUNT_UNLINKED = "account_unlinked"
    ATTEMPT_REFUSED = "attempt_refused"


class LinkFact(Struct, frozen=True):
    """An event that is not committed yet."""

    type: LinkEventType
    body: JsonObject


def link_requested(account: UserRef, asked: UserRef, *, by: UserRef, until: datetime) -> LinkFact:
    body = {"account": str(account), "asked": str(asked), "by": str(by), "until": until.isoformat()}
    return LinkFact(LinkEventType.LINK_REQUESTED, body)


def accounts_linked(one: UserRef, other: UserRef, *, by: UserRef, request: LinkRequestId | None = None) -> LinkFact:
    """`request` is the one that was confirmed by this, None where none was needed."""
    confirmed = {} if request is None else {"request": request}
    return LinkFact(
        LinkEventType.ACCOUNTS_LINKED, {"account": str(one), "other": str(other), "by": str(by), **confirmed}
    )


def link_refused(request: LinkRequestId, *, by: UserRef) -> LinkFact:
    return LinkFact(LinkEventType.LINK_REFUSED, {"request": request, "by": str(by)})


def link_expired(request: LinkRequestId) -> LinkFact:
    return LinkFact(LinkEventType.LINK_EXPIRED, {"request": request})


def link_withdrawn(request: LinkRequestId, *, by: UserRef, why: str) -> LinkFact:
    return LinkFact(LinkEventType.LINK_WITHDRAWN, {"request": request, "by": str(by), "why": why})


def account_unlinked(account: UserRef, *, by: UserRef) -> LinkFact:
    return LinkFact(LinkEventType.ACCOUNT_UNLINKED, {"account": str(account), "by": str(by)})


def attempt_refused(verb: str, about: str, *, by: UserRef, why: str) -> LinkFact:
    """Somebody tried what they may not: `confirm`, `request 7`."""
    return LinkFact(LinkEventType.ATTEMPT_REFUSED, {"verb": verb, "about": about, "by": str(by), "why": why})
