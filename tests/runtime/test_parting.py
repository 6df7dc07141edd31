"""Saying no, taking back, letting lapse, and parting accounts that were linked."""

from datetime import timedelta

import pytest

from runtime.linking import confirm, lapse, refuse, unlink
from runtime.persons import WhoIsWho
from runtime.records import UserRef
from tests.runtime.kin import (
    ANN,
    ANN_TOO,
    BOB,
    BOB_TOO,
    CYD,
    CYD_TOO,
    EVE,
    ME,
    ME_TOO,
    SOON,
    after,
    asked,
    linked,
    named,
    told,
    types,
)  # fmt: skip
from tests.runtime.papers import NOON

LATE = NOON + timedelta(hours=25)

# refuse


def test_the_account_that_was_asked_says_no_and_who_asked_hears_it() -> None:
    who = asked(ANN, ANN_TOO)
    entry = refuse(who, 1, by=ANN_TOO, at=NOON)
    assert (types(entry), told(entry)) == (["link_refused"], {ANN})
    who = after(who, entry.facts)
    assert confirm(who, named(who), 1, by=ANN_TOO, at=NOON).facts == ()
    assert refuse(who, 1, by=ANN_TOO, at=NOON).facts == ()


def test_who_asked_can_take_it_back() -> None:
    entry = refuse(asked(ANN, ANN_TOO), 1, by=ANN, at=NOON)
    assert (types(entry), told(entry)) == (["link_withdrawn"], {ANN_TOO})


# lapse


def test_what_nobody_answers_lapses_and_who_asked_hears_it() -> None:
    who = asked(ANN, ANN_TOO)
    assert lapse(who, SOON - timedelta(seconds=1)).facts == ()
    entry = lapse(who, SOON)
    assert (types(entry), told(entry)) == (["link_expired"], {ANN})
    assert lapse(after(who, entry.facts), LATE).facts == ()


# unlink


@pytest.mark.parametrize(
    ("account", "by", "parts"),
    [
        (ANN_TOO, ANN, True),
        (ANN, ANN_TOO, True),
        (ANN_TOO, CYD, True),
        (ANN_TOO, ME, True),
        (ANN_TOO, BOB, False),
        (ANN_TOO, EVE, False),
        (BOB_TOO, BOB, False),  # or bob would be "somebody else" for what he asked for on the other platform
        (BOB, BOB_TOO, False),
        (BOB_TOO, CYD, True),
        (BOB_TOO, ME, True),
        (CYD_TOO, CYD, False),
        (CYD_TOO, CYD_TOO, False),
        (ME_TOO, ME_TOO, False),  # at the machine she decides
        (ME_TOO, ME, True),
    ],
    ids=str,
)
def test_who_parts_whom(account: UserRef, by: UserRef, parts: bool) -> None:
    who = linked((ANN, ANN_TOO), (BOB, BOB_TOO), (CYD, CYD_TOO), (ME, ME_TOO))
    entry = unlink(who, named(who), account, by=by)
    assert types(entry) == (["account_unlinked"] if parts else ["attempt_refused"])
    assert told(entry) == (who.accounts_of(account) - {by} if parts else set())
    assert entry.done is parts


def test_who_has_one_account_only_cannot_be_parted() -> None:
    assert unlink(WhoIsWho(), named(), ANN, by=ME).facts == ()
