"""What is asked and on record about which accounts are one person's."""

from datetime import datetime

from msgspec import Struct

from runtime.records.ids import JsonObject, LinkRequestId
from runtime.records.places import UserRef
from runtime.states import LinkStatus


class LinkRequest(Struct, frozen=True, kw_only=True):
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


class LinkEvent(Struct, frozen=True, kw_only=True):
    """A committed fact about who is whom. `number` counts them from 1, without a gap."""

    number: int
    type: str
    at: datetime
    body: JsonObject


class Notice(Struct, frozen=True, kw_only=True):
    """Something that an account is told, alone, on its own platform."""

    to: UserRef
    markdown: str
