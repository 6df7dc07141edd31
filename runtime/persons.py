"""Who is whom: which accounts are one person's, as the facts about it say from the first to the last. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.link_facts import LinkEventType
from runtime.records import LinkEvent, LinkRequest, LinkRequestId, UserRef
from runtime.states import LINK, LinkStatus

Groups = dict[UserRef, frozenset[UserRef]]
Requests = dict[LinkRequestId, LinkRequest]


class Persons(Protocol):
    """Whoever compares people asks here: two accounts are one person's where either is among the other's."""

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]:
        """All accounts of the person whose account this is, itself included."""
        ...


def are_same(persons: Persons, one: UserRef, other: UserRef) -> bool:
    """Whether these are accounts of one person."""
    return one == other or other in persons.accounts_of(one)


class Unlinked:
    """`Persons` where nobody has a second account."""

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]:
        return frozenset({user})


UNLINKED = Unlinked()


class WhoIsWho(Struct, frozen=True, kw_only=True):
    """`Persons` as of one moment, with what is asked about them. `as_of` is the number of the last fact in it.

    `groups` has the accounts of everybody who has more than one.
    """

    groups: Mapping[UserRef, frozenset[UserRef]] = field(default_factory=dict)
    requests: Mapping[LinkRequestId, LinkRequest] = field(default_factory=dict)
    as_of: int = 0

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]:
        return self.groups.get(user) or frozenset({user})

    def persons(self) -> tuple[tuple[UserRef, ...], ...]:
        """The accounts of each person who has more than one, in order."""
        return tuple(sorted((tuple(sorted(group, key=str)) for group in {*self.groups.values()}), key=str))

    def open_requests(self, at: datetime) -> tuple[LinkRequest, ...]:
        """What waits for an answer, oldest first."""
        return tuple(request for request in self.requests.values() if request.is_open(at))

    def next_lapse(self) -> datetime | None:
        """When the next request that nobody answered runs out."""
        return min((each.expires_at for each in self.requests.values() if each.status is LinkStatus.OPEN), default=None)

    def after(self, events: Iterable[LinkEvent]) -> "WhoIsWho":
        """What it is once these happened too, in order. Raises KeyError or ValueError for what cannot have happened."""
        groups, requests, as_of = dict(self.groups), dict(self.requests), self.as_of
        for event in events:
            _regroup(event, groups)
            _move_request(event, requests)
            as_of = event.number
        return WhoIsWho(groups=groups, requests=requests, as_of=as_of)


def _regroup(event: LinkEvent, groups: Groups) -> None:
    match event.type:
        case LinkEventType.ACCOUNTS_LINKED:
            one, other = UserRef.parse(event.body["account"]), UserRef.parse(event.body["other"])
            _put_together(groups.get(one, frozenset({one})) | groups.get(other, frozenset({other})), groups)
        case LinkEventType.ACCOUNT_UNLINKED:
            account = UserRef.parse(event.body["account"])
            _put_together(groups.pop(account, frozenset()) - {account}, groups)


def _put_together(accounts: frozenset[UserRef], groups: Groups) -> None:
    for account in accounts:
        if len(accounts) > 1:
            groups[account] = accounts
        else:
            groups.pop(account, None)


_TRIGGERS = {
    LinkEventType.ACCOUNTS_LINKED: "confirmed",
    LinkEventType.LINK_REFUSED: "refused",
    LinkEventType.LINK_EXPIRED: "expired",
    LinkEventType.LINK_WITHDRAWN: "withdrawn",
}


def _move_request(event: LinkEvent, requests: Requests) -> None:
    type_, body = LinkEventType(event.type), event.body
    if type_ is LinkEventType.LINK_REQUESTED:
        id_ = LinkRequestId(event.number)
        requests[id_] = LinkRequest(
            id=id_,
            account=UserRef.parse(body["account"]),
            asked=UserRef.parse(body["asked"]),
            by=UserRef.parse(body["by"]),
            status=LinkStatus.OPEN,
            asked_at=event.at,
            expires_at=datetime.fromisoformat(body["until"]),
        )
    elif type_ in _TRIGGERS and "request" in body:
        request = requests[body["request"]]
        requests[request.id] = replace(request, status=LINK[request.status, _TRIGGERS[type_]])
