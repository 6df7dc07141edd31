"""Where people say which accounts are theirs, and look up which are linked."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeAlias, assert_never

from msgspec import Struct
from msgspec.structs import replace

from runtime.contents import Entry as Line
from runtime.contents import Page
from runtime.errors import PeopleChanged
from runtime.linking import Entry, confirm, link, refuse, unlink
from runtime.people_commands import FORMS, Confirm, Link, Misspelt, PeopleCommand, Refuse, ShowPeople, Unlink
from runtime.persons import WhoIsWho, are_same
from runtime.policy import Roles
from runtime.ports import Clock
from runtime.record_ports import Record
from runtime.records import IncomingMessage, LinkRequest, UserRef

Decide: TypeAlias = Callable[[WhoIsWho, Roles, datetime], Entry]

_IN_PRIVATE = "Say that to me in a direct message: it is between you and me."
_TITLE = "People"


class PeopleDesk(Struct, frozen=True, kw_only=True):
    record: Record
    clock: Clock
    roles: Roles

    def is_asked(self, message: IncomingMessage) -> bool:
        """Whether the author was asked something that only they can answer, also where they may not talk otherwise."""
        at = self.clock.now()
        return message.direct and any(each.asked == message.author for each in self.record.who_is_who.open_requests(at))

    async def obey(self, command: PeopleCommand, *, by: UserRef, by_name: str, direct: bool) -> Page:
        """Do what a command says, and say what became of it. Nothing is said where others read along."""
        if not direct:
            return Page(title=_TITLE, entries=(), note=_IN_PRIVATE)
        if isinstance(command, ShowPeople):
            return self.show(by)
        if isinstance(command, Misspelt):
            return Page(title=_TITLE, entries=(), note=f"I cannot read the account in “{command.word}”: {FORMS}")
        entry = await self.enter(command, by=by, by_name=by_name)
        return Page(title=_TITLE, entries=(), note=entry.words)

    async def enter(self, command: Link | Unlink | Confirm | Refuse, *, by: UserRef, by_name: str) -> Entry:
        """Decide and commit. What is decided on is what holds at the commit: otherwise it is decided anew."""
        while True:
            at, who = self.clock.now(), self.record.who_is_who
            entry = self._decide(command, who, at, by=by, by_name=by_name)
            if not entry.facts:
                return entry
            try:
                await self.record.record_people(entry.facts, entry.notices, at, as_of=who.as_of)
            except PeopleChanged:
                continue
            return entry

    def _decide(
        self, command: Link | Unlink | Confirm | Refuse, who: WhoIsWho, at: datetime, *, by: UserRef, by_name: str
    ) -> Entry:
        roles = replace(self.roles, persons=who)
        match command:
            case Link(one=one, other=other):
                return link(who, roles, one or by, other, by=by, by_name=by_name, at=at)
            case Unlink(account):
                return unlink(who, roles, account, by=by)
            case Confirm(number):
                return confirm(who, roles, number, by=by, at=at)
            case Refuse(number):
                return refuse(who, number, by=by, at=at)
            case _:
                assert_never(command)

    def show(self, by: UserRef) -> Page:
        """The reader's own accounts and requests; an administrator sees everybody's."""
        who, at = self.record.who_is_who, self.clock.now()
        sees_all = self.roles.is_admin(by)
        persons = who.persons() if sees_all else ()
        requests = [each for each in who.open_requests(at) if sees_all or _concerns(each, by, who)]
        lines = [Line(text=_written(accounts, " = "), detail=_listed(accounts)) for accounts in persons]
        lines += [_line(request) for request in requests]
        own = _written(sorted(who.accounts_of(by), key=str), ", ")
        return Page(title=_TITLE, entries=tuple(lines), note=f"You are {own}.")


def _concerns(request: LinkRequest, by: UserRef, who: WhoIsWho) -> bool:
    return any(are_same(who, by, each) for each in (request.account, request.asked, request.by))


def _line(request: LinkRequest) -> Line:
    until = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
    return Line(
        text=f"request {request.id}: {_written((request.account, request.asked), ' = ')}?",
        detail=f"{request.by} says so, {request.asked} is asked, until {until}",
    )


def _written(accounts: Iterable[UserRef], glue: str) -> str:
    """Accounts to be written again: no platform puts names in their place."""
    return glue.join(f"`{account}`" for account in accounts)


def _listed(accounts: Iterable[UserRef]) -> str:
    return ", ".join(str(account) for account in accounts)
