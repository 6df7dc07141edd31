"""Linking accounts and parting them: what comes of what somebody says, and what others are told of it. Pure.

Each decision is about `who` as of one moment, and `roles` have to be of the same.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from runtime import link_facts
from runtime.link_facts import LinkFact
from runtime.persons import WhoIsWho, are_same
from runtime.policy import LOCAL, Roles
from runtime.records import LinkRequest, LinkRequestId, Notice, UserRef
from runtime.states import LinkStatus
from runtime.tools.visible import make_visible
from runtime.vouching import Ask, AtOnce, No, way_to_link

LIFETIME = timedelta(hours=24)
MOST_OPEN = 3  # requests that one person may leave open: each of them writes to somebody


class Entry(Struct, frozen=True, kw_only=True):
    """What becomes of what somebody said: words for them, facts for the record, and what others are told.

    `done`: it is as they wanted, or is on its way.
    """

    words: str
    facts: tuple[LinkFact, ...] = ()
    notices: tuple[Notice, ...] = ()
    done: bool = False


def link(
    who: WhoIsWho, roles: Roles, one: UserRef, other: UserRef, *, by: UserRef, by_name: str, at: datetime
) -> Entry:
    """What comes of `link one other`."""
    if one == other:
        return Entry(words=f"`{one}` is one account: name two.")
    if are_same(who, one, other):
        return Entry(words=f"`{one}` and `{other}` are one person already.", done=True)
    match way_to_link(who, roles, one, other, by=by):
        case No(why):
            return Entry(words=why, facts=(link_facts.attempt_refused("link", f"{one} {other}", by=by, why=why),))
        case AtOnce():
            return _linked(who, one, other, by=by, at=at)
        case Ask(account=account, asked=asked):
            return _ask(who, account, asked, by=by, by_name=by_name, at=at)


def _ask(who: WhoIsWho, account: UserRef, asked: UserRef, *, by: UserRef, by_name: str, at: datetime) -> Entry:
    standing = _find_between(who.open_requests(at), account, asked)
    if standing is not None and standing.asked == by:
        return Entry(words=f"Request {standing.id} asks you just that: write `confirm {standing.id}`.")
    if standing is not None:
        return Entry(words=f"That is asked already: request {standing.id} waits for `{standing.asked}`.", done=True)
    refused = [each for each in who.requests.values() if each.status is LinkStatus.REFUSED and at < each.expires_at]
    if _find_between(refused, account, asked) is not None:
        return Entry(words=f"`{asked}` said lately that this is not so. Ask again tomorrow, or ask whoever runs me.")
    if sum(are_same(who, each.by, by) for each in who.open_requests(at)) >= MOST_OPEN:
        return Entry(words=f"{MOST_OPEN} of your requests are open. Take one back first, with `refuse` and its number.")
    id_ = LinkRequestId(who.as_of + 1)  # the number of the fact below
    claim = "you are one person" if by == account else f"you and `{account}` are one person"
    question = (
        f"`{by}`{_called(by_name)} says that {claim}. If it is so, write `confirm {id_}` here, if not, `refuse {id_}`. "
        "Afterwards each account sees what the other asked for, and may do what the other may: confirm only what is yours. "
        f"In {LIFETIME // timedelta(hours=1)} hours the request is over."
    )
    return Entry(
        words=f"I have asked `{asked}`: once `confirm {id_}` is written from there, you are linked."
        if by == account
        else f"I have asked `{asked}` to confirm this, as request {id_}.",
        facts=(link_facts.link_requested(account, asked, by=by, until=at + LIFETIME),),
        notices=(Notice(to=asked, markdown=question),),
        done=True,
    )


def confirm(who: WhoIsWho, roles: Roles, number: int, *, by: UserRef, at: datetime) -> Entry:
    """What comes of `confirm 7`. Only the very account that was asked can: one of the same person will not do."""
    request = who.requests.get(LinkRequestId(number))
    if request is None or by != request.asked:
        return _not_for(request, "confirm", number, by=by)
    if request.status is not LinkStatus.OPEN:
        return Entry(words=f"Request {number} is {request.status} already.")
    if not request.is_open(at):
        return Entry(
            words=f"Request {number} has expired. Ask for a new one.", facts=(link_facts.link_expired(request.id),)
        )
    # What was so when it was asked has to be so now: rights may have been given, accounts linked meanwhile.
    match way_to_link(who, roles, request.account, request.asked, by=request.by):
        case No(why):
            taken_back = link_facts.link_withdrawn(request.id, by=by, why=why)
            return Entry(words=f"This cannot be confirmed any more. {why}", facts=(taken_back,))
        case Ask(asked=asked) if asked != by:
            why = f"It would take the word of `{asked}` by now."
            taken_back = link_facts.link_withdrawn(request.id, by=by, why=why)
            return Entry(words=f"This cannot be confirmed any more. {why} Ask for a new one.", facts=(taken_back,))
        case _:
            return _linked(who, request.account, request.asked, by=by, at=at, request=request)


def refuse(who: WhoIsWho, number: int, *, by: UserRef, at: datetime) -> Entry:
    """What comes of `refuse 7`: the account that was asked says no, or the person who said so takes it back."""
    request = who.requests.get(LinkRequestId(number))
    if request is None or not (by == request.asked or are_same(who, by, request.by)):
        return _not_for(request, "refuse", number, by=by)
    if not request.is_open(at):
        return Entry(
            words=f"Request {number} is {request.status if request.status is not LinkStatus.OPEN else 'expired'}."
        )
    if by == request.asked:
        told = Notice(to=request.by, markdown=f"`{by}` says no to request {number}: nothing is linked.")
        return Entry(
            words="Nothing is linked, and I have told who asked.",
            facts=(link_facts.link_refused(request.id, by=by),),
            notices=(told,),
            done=True,
        )
    fact = link_facts.link_withdrawn(request.id, by=by, why="taken back")
    told = Notice(to=request.asked, markdown=f"`{by}` took request {number} back: nothing is linked.")
    return Entry(words=f"Request {number} is taken back.", facts=(fact,), notices=(told,), done=True)


def unlink(who: WhoIsWho, roles: Roles, account: UserRef, *, by: UserRef) -> Entry:
    """What comes of `unlink`. Nobody who may decide parts themselves, or they would be somebody else for their own calls."""
    accounts = who.accounts_of(account)
    if len(accounts) == 1:
        return Entry(words=f"`{account}` is linked with no other account.", done=True)
    why = ""
    if by.platform != LOCAL:
        if by in accounts and any(roles.is_approver(each) or roles.is_admin(each) for each in accounts):
            why = "You may decide or administer, so another administrator has to do that for you."
        elif by not in accounts and not roles.is_admin(by):
            why = "Only an administrator can unlink accounts of others."
    if why:
        return Entry(words=why, facts=(link_facts.attempt_refused("unlink", str(account), by=by, why=why),))
    rest = _named(accounts - {account})
    words = f"`{account}` and {rest} are different persons from now on."
    return Entry(
        words=words,
        facts=(link_facts.account_unlinked(account, by=by),),
        notices=_tell(accounts, f"{words} `{by}` said so.", but=by),
        done=True,
    )


def lapse(who: WhoIsWho, at: datetime) -> Entry:
    """End the requests that nobody answered in time."""
    due = [each for each in who.requests.values() if each.status is LinkStatus.OPEN and each.expires_at <= at]
    return Entry(
        words="",
        facts=tuple(link_facts.link_expired(each.id) for each in due),
        notices=tuple(
            Notice(to=each.by, markdown=f"`{each.asked}` did not answer request {each.id}: nothing is linked.")
            for each in due
        ),
        done=bool(due),
    )


def _linked(
    who: WhoIsWho, one: UserRef, other: UserRef, *, by: UserRef, at: datetime, request: LinkRequest | None = None
) -> Entry:
    together = who.accounts_of(one) | who.accounts_of(other)
    needless = [each for each in who.open_requests(at) if each != request and {each.account, each.asked} <= together]
    words = f"{_named(together)} are one person from now on."
    told = f"{words} `{by}` said so. If that is wrong, tell an administrator at once: `unlink {one}` parts them."
    asker = () if request is None or request.by in together else (request.by,)
    return Entry(
        words=words,
        facts=(
            link_facts.accounts_linked(one, other, by=by, request=None if request is None else request.id),
            *(link_facts.link_withdrawn(each.id, by=by, why="they are one person") for each in needless),
        ),
        notices=_tell({*together, *asker}, told, but=by),
        done=True,
    )


def _not_for(request: LinkRequest | None, verb: str, number: int, *, by: UserRef) -> Entry:
    """There may be such a request or not: who has no part in it is told neither."""
    words = f"There is no request {number} for you to {verb} from this account."
    if request is None:
        return Entry(words=words)
    return Entry(words=words, facts=(link_facts.attempt_refused(verb, f"request {number}", by=by, why="not asked"),))


def _find_between(requests: Iterable[LinkRequest], one: UserRef, other: UserRef) -> LinkRequest | None:
    return next((each for each in requests if {each.account, each.asked} == {one, other}), None)


def _tell(accounts: Iterable[UserRef], markdown: str, *, but: UserRef) -> tuple[Notice, ...]:
    """Everybody whom it concerns but the one who reads it as the answer."""
    return tuple(Notice(to=each, markdown=markdown) for each in sorted(accounts, key=str) if each != but)


def _named(accounts: Iterable[UserRef]) -> str:
    written = [f"`{account}`" for account in sorted(accounts, key=str)]
    return " and ".join(filter(None, (", ".join(written[:-1]), written[-1])))


def _called(name: str) -> str:
    """A display name, which anybody can choose, so that it is read as one; "" where there is none."""
    plain = make_visible(" ".join(name.replace("`", "'").split()))[:40]
    return f" (“{plain}”)" if plain else ""
