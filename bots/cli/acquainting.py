"""`mallard people`: who sits at the machine says who is whom."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bots.cli.indoors import in_house
from bots.cli.opening import open_database, run_async, settings_here
from bots.cli.printing import print_json, print_table, write_age
from bots.house import House
from bots.rules import roles_of
from bots.terminal.platform import local_user
from bots.terminal.wording import write_time
from runtime.errors import MallardError
from runtime.people_commands import Link, Unlink, read_account
from runtime.people_desk import PeopleDesk
from runtime.persons import WhoIsWho
from runtime.policy import Roles
from runtime.records import LinkRequest, UserRef
from storage.links import bring_up_to_date
from storage.watching import has_written


def link(one: str, other: str) -> int:
    """Link two accounts. The exit status: 1 where they are not linked after it. Raises MallardError for a wrong one."""
    accounts = _read(one), _read(other)
    return _enter(Link(one=accounts[0], other=accounts[1]), about=accounts)


def unlink(account: str) -> int:
    """Part an account from the others of its person. The exit status is always 0: it is a person of its own after it."""
    return _enter(Unlink(_read(account)))


def _enter(command: Link | Unlink, *, about: Iterable[UserRef] = ()) -> int:
    async def say(house: House) -> int:
        desk = PeopleDesk(record=house.store, clock=house.clock, roles=roles_of(house.settings, house.store))
        entry = await desk.enter(command, by=local_user(), by_name=local_user().id)
        print(entry.words.replace("`", ""))
        for account in about:
            if not has_written(house.store.database.reader, account):
                print(f"{account} has not written to Mallard yet: see that it is written right.")
        return 0 if entry.done else 1

    return in_house(say)


def list_people(*, as_json: bool) -> None:
    who = _who_is_who()
    roles = roles_of(settings_here(), who)
    rows = [(accounts, _rights(roles, accounts[0])) for accounts in who.persons()]
    if as_json:
        print_json({"accounts": [str(each) for each in accounts], "rights": rights} for accounts, rights in rows)
        return
    print_table(
        ("accounts of one person", "named as"),
        ((", ".join(str(each) for each in accounts), ", ".join(rights) or "-") for accounts, rights in rows),
        empty="Nobody has more than one account.",
    )


def list_requests(*, everything: bool, as_json: bool) -> None:
    who, now = _who_is_who(), datetime.now(UTC)
    found = who.requests.values() if everything else who.open_requests(now)
    if as_json:
        print_json(_as_json(request) for request in found)
        return
    print_table(
        ("request", "account", "is asked to be one with", "by", "status", "since", "until"),
        (
            (
                str(each.id), str(each.asked), str(each.account), str(each.by), each.status.value,
                write_age(each.asked_at), write_time(each.expires_at),
            )
            for each in found
        ),
        empty="No requests." if everything else "No request is open. `mallard people requests --all` shows what was asked.",
    )  # fmt: skip


def _rights(roles: Roles, account: UserRef) -> list[str]:
    """How the settings name the person, by whichever account."""
    accounts = roles.persons.accounts_of(account)
    lists = {"user": roles.users or (), "approver": roles.approvers, "administrator": roles.admins}
    return [name for name, named in lists.items() if any(each in named for each in accounts)]


def _who_is_who() -> WhoIsWho:
    async def read() -> WhoIsWho:
        async with open_database(settings_here()) as database:
            return bring_up_to_date(WhoIsWho(), database.reader)

    return run_async(read)


def _read(account: str) -> UserRef:
    try:
        return read_account(account)
    except ValueError as error:
        raise MallardError(str(error)) from None


def _as_json(request: LinkRequest) -> dict[str, object]:
    return {
        "id": request.id,
        "account": str(request.account),
        "asked": str(request.asked),
        "by": str(request.by),
        "status": request.status,
        "asked_at": request.asked_at,
        "expires_at": request.expires_at,
    }
