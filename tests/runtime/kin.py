"""People with several accounts, made up for tests: who is whom, after what was said about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from runtime import link_facts
from runtime.link_facts import LinkFact
from runtime.linking import Entry
from runtime.persons import WhoIsWho
from runtime.policy import Roles
from runtime.records import LinkEvent, UserRef
from tests.runtime.papers import NOON

SOON = NOON + timedelta(hours=24)


def on(platform: str, name: str) -> UserRef:
    """Somebody's account there."""
    return UserRef(platform=platform, space="T1" if platform == "slack" else "", id=name)


ANN, ANN_TOO = on("slack", "UANN"), on("discord", "1")  # may talk
BOB, BOB_TOO = on("slack", "UBOB"), on("discord", "2")  # decides
CYD, CYD_TOO = on("slack", "UCYD"), on("discord", "3")  # administers
DAN, DAN_TOO = on("slack", "UDAN"), on("discord", "4")  # decides as well
EVE, EVE_TOO = on("slack", "UEVE"), on("discord", "5")  # a stranger
ME, ME_TOO = on("terminal", "me"), on("slack", "UME")  # sits at the machine, and is nobody on Slack
PAIRS = ((ANN, ANN_TOO), (BOB, BOB_TOO), (CYD, CYD_TOO), (DAN, DAN_TOO), (EVE, EVE_TOO), (ME, ME_TOO))


def named(who: WhoIsWho | None = None) -> Roles:
    """Each person is named by their first account alone."""
    users, approvers, admins = frozenset({ANN}), frozenset({BOB, DAN}), frozenset({CYD})
    return Roles(users=users, approvers=approvers, admins=admins, persons=who or WhoIsWho())


def after(who: WhoIsWho, facts: Iterable[LinkFact], at: datetime = NOON) -> WhoIsWho:
    """Who is whom once these are on record."""
    numbered = enumerate(facts, who.as_of + 1)
    return who.after(LinkEvent(number=n, type=fact.type, at=at, body=fact.body) for n, fact in numbered)


def linked(*pairs: tuple[UserRef, UserRef]) -> WhoIsWho:
    return after(WhoIsWho(), [link_facts.accounts_linked(one, other, by=ME) for one, other in pairs])


def asked(account: UserRef, of: UserRef, *, by: UserRef | None = None, who: WhoIsWho | None = None) -> WhoIsWho:
    """A request is open."""
    return after(who or WhoIsWho(), [link_facts.link_requested(account, of, by=by or account, until=SOON)])


def types(entry: Entry) -> list[str]:
    return [fact.type.value for fact in entry.facts]


def told(entry: Entry) -> set[UserRef]:
    return {notice.to for notice in entry.notices}
