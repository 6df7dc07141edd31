"""What is asked and on record about which accounts are one person's."""

from dataclasses import dataclass
from datetime import datetime

from runtime.records.ids import JsonObject, LinkRequestId
from runtime.records.places import UserRef
from runtime.states import LinkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRequest:
    """`by` says that `account` and `asked` are one person's. The account `asked` has to say whether it is so."""

    id: LinkRequestId
    account: UserRef
    asked: UserRef
    by: UserRef
    status: LinkStatus
    asked_at: datetime
    expires_at: datetime

    def is_open(self, at: datetime) -> bool:
        return self.status is LinkStatus.OPEN and at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent:
    """A committed fact about who is whom. `number` counts them from 1, without a gap."""

    number: int
    type: str
    at: datetime
    body: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that an account is told, alone, on its own platform."""

    to: UserRef
    markdown: str
