"""Whose word it takes that two accounts are one person's. Pure.

Nobody claims an account for themselves without that account's word, and rights are lent only by whom they belong to, or
by whoever sits at the machine.
"""

from typing import TypeAlias

from msgspec import Struct

from runtime.persons import WhoIsWho, are_same
from runtime.policy import LOCAL, Roles
from runtime.records import UserRef


class AtOnce(Struct, frozen=True):
    """Whoever says so may."""


class Ask(Struct, frozen=True, kw_only=True):
    """The account `asked` has to agree."""

    account: UserRef
    asked: UserRef


class No(Struct, frozen=True):
    why: str


Way: TypeAlias = AtOnce | Ask | No

_NOT_YOURS = "Only an administrator can link accounts of others. `link` and your other account links that one with you."
_LENDS = (
    "One of these accounts has rights here that the other has not, so this takes an administrator: "
    "they write `link {one} {other}`."
)
_LENDS_BOTH = (
    "Each of these accounts would lend rights to the other, so this takes whoever runs me: "
    "`mallard people link {one} {other}` on the machine."
)


def way_to_link(who: WhoIsWho, roles: Roles, one: UserRef, other: UserRef, *, by: UserRef) -> Way:
    """How two accounts of different persons become one person's when `by` says that they are."""
    if by.platform == LOCAL:
        return AtOnce()
    lenders = [giver for giver, taker in ((one, other), (other, one)) if roles.lends(giver, taker)]
    own = [account for account in (one, other) if are_same(who, account, by)]
    if not roles.is_admin(by):
        if not own:
            return No(_NOT_YOURS)
        if lenders:
            return No(_LENDS.format(one=one, other=other))
    if own:
        asked = other if one in own else one
    elif not lenders:
        return AtOnce()
    elif len(lenders) > 1:
        return No(_LENDS_BOTH.format(one=one, other=other))
    else:
        (asked,) = lenders
    return Ask(account=one if asked == other else other, asked=asked)
