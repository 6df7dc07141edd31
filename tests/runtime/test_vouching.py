"""Whose word it takes to link two accounts: the other account's, and that of whoever would lend rights."""

import pytest

from runtime.persons import WhoIsWho
from runtime.policy import Roles
from runtime.records import UserRef
from runtime.vouching import Ask, AtOnce, No, way_to_link
from tests.runtime.kin import (
    ANN,
    ANN_TOO,
    BOB,
    BOB_TOO,
    CYD,
    CYD_TOO,
    DAN,
    EVE,
    EVE_TOO,
    ME,
    ME_TOO,
    linked,
    named,
    on,
)  # fmt: skip

FAY = on("slack", "UFAY")  # may talk, like ann
ROLES = Roles(users=frozenset({ANN, FAY}), approvers=frozenset({BOB, DAN}), admins=frozenset({CYD}))
AT_ONCE, NO = "at once", "no"

# who says it · of which accounts · who has to agree
WAYS: list[tuple[UserRef, UserRef, UserRef, UserRef | str]] = [
    # whoever sits at the machine
    (ME, ANN, ANN_TOO, AT_ONCE),
    (ME, ANN, BOB, AT_ONCE),
    (ME, ME, ME_TOO, AT_ONCE),
    # one's own accounts: the other one has to agree
    (ANN, ANN, FAY, FAY),
    (ANN, FAY, ANN, FAY),
    (BOB, BOB, DAN, DAN),
    # … and where one has a right that the other has not, an administrator has to say it
    (ANN, ANN, EVE, NO),
    (EVE, EVE, ANN, NO),
    (ANN, ANN, BOB, NO),
    (BOB, BOB, ANN, NO),
    (BOB, BOB, BOB_TOO, NO),
    (BOB, BOB, CYD, NO),
    # the machine lends nothing, and is lent nothing
    (ANN, ANN, ME, ME),
    (BOB, BOB, ME, ME),
    # others' accounts are for administrators
    (ANN, FAY, BOB, NO),
    (BOB, ANN, FAY, NO),
    (CYD, ANN, FAY, AT_ONCE),
    (CYD, EVE, EVE_TOO, AT_ONCE),
    (CYD, BOB, DAN, AT_ONCE),
    (CYD, ANN, ME, AT_ONCE),
    # … but whoever would lend a right has to agree
    (CYD, ANN, EVE, ANN),
    (CYD, BOB, BOB_TOO, BOB),
    (CYD, BOB_TOO, BOB, BOB),
    (CYD, ANN, BOB, BOB),
    # … and their own are no exception
    (CYD, CYD, CYD_TOO, CYD_TOO),
    (CYD, CYD, BOB, BOB),
    (CYD, CYD, ANN, ANN),
]


@pytest.mark.parametrize(
    ("by", "one", "other", "word"), WAYS, ids=[f"{by}-{one}-{other}" for by, one, other, _ in WAYS]
)
def test_whose_word_it_takes(by: UserRef, one: UserRef, other: UserRef, word: UserRef | str) -> None:
    way = way_to_link(WhoIsWho(), ROLES, one, other, by=by)
    match word:
        case UserRef():
            assert way == Ask(account=one if word == other else other, asked=word)
        case "at once":
            assert way == AtOnce()
        case _:
            assert isinstance(way, No)


def test_a_right_that_came_with_an_earlier_link_is_lent_on_by_nobody_but_its_owner() -> None:
    who = linked((BOB, BOB_TOO))
    roles = named(who)
    assert isinstance(way_to_link(who, roles, ANN, BOB_TOO, by=ANN), No)
    assert way_to_link(who, roles, ANN, BOB_TOO, by=CYD) == Ask(account=ANN, asked=BOB_TOO)


def test_every_account_of_a_person_counts_when_rights_are_weighed() -> None:
    who = linked((ME, EVE))  # at the machine eve decides; on slack she does not, and would, as dan
    assert isinstance(way_to_link(who, named(who), EVE, DAN, by=EVE), No)


def test_where_each_would_lend_to_the_other_only_the_machine_will_do() -> None:
    way = way_to_link(WhoIsWho(), ROLES, BOB, on("slack", "UCYD"), by=CYD_TOO)
    assert isinstance(way, No)  # not even an administrator: cyd's other account is none yet
    who = linked((CYD, CYD_TOO))
    boss = on("slack", "UBOSS")
    roles = Roles(approvers=frozenset({BOB}), admins=frozenset({CYD, boss}), persons=who)
    way = way_to_link(who, roles, BOB, boss, by=CYD_TOO)
    assert isinstance(way, No)
    assert f"mallard people link {BOB} {boss}" in way.why
