"""The policy where people have two accounts: whoever asked is nobody else because they click elsewhere."""

from itertools import product

import pytest

from runtime.grants import grant_for, subjects_of
from runtime.persons import WhoIsWho
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.records import GrantScope, Requirement, Risk, UserRef
from runtime.states import CallState
from tests.runtime.kin import (
    ANN,
    ANN_TOO,
    BOB,
    BOB_TOO,
    CYD,
    CYD_TOO,
    DAN,
    DAN_TOO,
    EVE,
    EVE_TOO,
    ME,
    ME_TOO,
    PAIRS,
    linked,
    named,
)  # fmt: skip
from tests.runtime.papers import NOON, POND, a_run
from tests.runtime.test_policy import reviewed

REQUESTER, APPROVERS, OTHER = Requirement.REQUESTER, Requirement.APPROVERS, Requirement.OTHER_APPROVER
LINKED = linked(*PAIRS)
ACCOUNTS = [account for pair in PAIRS for account in pair]
DECIDERS = {BOB, BOB_TOO, DAN, DAN_TOO, ME}  # sitting at the machine is not handed on to ME_TOO

# requirement × the account that asked × the account that decides
MAY: dict[tuple[Requirement, UserRef], set[UserRef]] = {
    (REQUESTER, ANN): DECIDERS | {ANN, ANN_TOO},
    (REQUESTER, ANN_TOO): DECIDERS | {ANN, ANN_TOO},
    (REQUESTER, BOB): DECIDERS,
    (REQUESTER, BOB_TOO): DECIDERS,
    (REQUESTER, CYD): DECIDERS | {CYD, CYD_TOO},
    (REQUESTER, CYD_TOO): DECIDERS | {CYD, CYD_TOO},
    (REQUESTER, ME): DECIDERS | {ME_TOO},
    (REQUESTER, ME_TOO): DECIDERS | {ME_TOO},
    (APPROVERS, ANN): DECIDERS,
    (APPROVERS, ANN_TOO): DECIDERS,
    (APPROVERS, BOB): DECIDERS,
    (APPROVERS, BOB_TOO): DECIDERS,
    (APPROVERS, CYD): DECIDERS,
    (APPROVERS, CYD_TOO): DECIDERS,
    (APPROVERS, ME): DECIDERS,
    (APPROVERS, ME_TOO): DECIDERS,
    (OTHER, ANN): DECIDERS,
    (OTHER, ANN_TOO): DECIDERS,
    (OTHER, BOB): DECIDERS - {BOB, BOB_TOO},
    (OTHER, BOB_TOO): DECIDERS - {BOB, BOB_TOO},
    (OTHER, CYD): DECIDERS,
    (OTHER, CYD_TOO): DECIDERS,
    (OTHER, ME): DECIDERS - {ME},
    (OTHER, ME_TOO): DECIDERS - {ME},
}
ASKERS = (ANN, ANN_TOO, BOB, BOB_TOO, CYD, CYD_TOO, ME, ME_TOO)
CELLS = [(need, asker, who) for (need, asker) in MAY for who in ACCOUNTS]


def policy(who: WhoIsWho = LINKED) -> Policy:
    return Policy(roles=named(who), requirements=DEFAULT_REQUIREMENTS)


def test_the_matrix_is_whole() -> None:
    assert set(MAY) == set(product(Requirement, ASKERS))


@pytest.mark.promise(7)
@pytest.mark.parametrize(("need", "asker", "who"), CELLS, ids=[f"{need}-{a}-{w}" for need, a, w in CELLS])
def test_who_may_decide_is_a_question_about_persons(need: Requirement, asker: UserRef, who: UserRef) -> None:
    assert policy().may_decide(need, asker, who) is (who in MAY[need, asker])


@pytest.mark.promise(7)
@pytest.mark.parametrize("account", [ANN_TOO, BOB_TOO, CYD_TOO, DAN_TOO, EVE_TOO, ME_TOO], ids=str)
@pytest.mark.parametrize("need", list(Requirement))
def test_before_it_is_linked_an_account_decides_nothing(need: Requirement, account: UserRef) -> None:
    assert not policy(WhoIsWho()).may_decide(need, ANN, account)


# scope × the account that asked × the account that allows for good
GRANTS: dict[tuple[GrantScope, UserRef], set[UserRef]] = {
    (GrantScope.PERSON, ANN): DECIDERS | {ANN, ANN_TOO},
    (GrantScope.PERSON, ANN_TOO): DECIDERS | {ANN, ANN_TOO},
    (GrantScope.CONVERSATION, ANN): DECIDERS,
    (GrantScope.CONVERSATION, ANN_TOO): DECIDERS,
    (GrantScope.WORKSPACE, ANN): {CYD, CYD_TOO, ME},
    (GrantScope.WORKSPACE, ANN_TOO): {CYD, CYD_TOO, ME},
}


@pytest.mark.promise(15)
@pytest.mark.parametrize(("scope", "asker", "who"), [(*cell, who) for cell in GRANTS for who in ACCOUNTS])
def test_who_may_allow_for_good_is_one_too(scope: GrantScope, asker: UserRef, who: UserRef) -> None:
    assert policy().may_grant(scope, asker, who) is (who in GRANTS[scope, asker])


@pytest.mark.parametrize(
    ("account", "talks", "decides", "administers"),
    [
        (ANN_TOO, True, False, False),
        (BOB_TOO, True, True, False),
        (CYD_TOO, True, False, True),
        (EVE_TOO, False, False, False),
        (ME, True, True, True),
        (ME_TOO, False, False, False),
    ],
    ids=str,
)
def test_roles_follow_the_person_and_the_machine_stays_where_it_is(
    account: UserRef, talks: bool, decides: bool, administers: bool
) -> None:
    roles = named(LINKED)
    assert (roles.may_talk(account), roles.is_approver(account), roles.is_admin(account)) == (
        talks, decides, administers,
    )  # fmt: skip


@pytest.mark.mistake(26)
def test_where_everybody_of_the_workspace_may_talk_a_guest_is_not_at_home_through_another_account() -> None:
    guest, host = UserRef(platform="slack", space="T2", id="UFAR"), UserRef(platform="slack", space="T1", id="UNEAR")
    roles = Roles(users=None, persons=linked((guest, host)))
    assert roles.may_talk(host, POND)
    assert not roles.may_talk(guest, POND)


# nobody who could decide


@pytest.mark.promise(6)
@pytest.mark.parametrize("asker", [BOB, BOB_TOO], ids=str)
def test_the_only_approvers_other_account_is_no_second_person(asker: UserRef) -> None:
    roles = Roles(approvers=frozenset({BOB, BOB_TOO}), persons=LINKED)
    alone = Policy(roles=roles, requirements=DEFAULT_REQUIREMENTS)
    ruling = alone.rule(reviewed(Risk.CRITICAL), a_run(asked_by=asker), grant=None, at=NOON)
    assert ruling.state is CallState.DENIED
    assert ruling.denial is not None
    assert "other than the person who asked" in ruling.denial.reason


@pytest.mark.promise(6)
def test_whoever_has_the_machine_as_well_can_decide_there_what_they_asked_for_elsewhere() -> None:
    bare = Policy(roles=Roles(persons=LINKED), requirements=DEFAULT_REQUIREMENTS)
    for asker, state in ((ME_TOO, CallState.AWAITING_APPROVAL), (EVE, CallState.DENIED)):
        assert bare.rule(reviewed(Risk.HIGH), a_run(asked_by=asker), grant=None, at=NOON).state is state


# grants follow the person


@pytest.mark.promise(15)
def test_what_a_person_is_allowed_for_good_covers_what_they_ask_from_every_account() -> None:
    made = grant_for(
        a_run(asked_by=ANN), tool="shell", digest="ab" * 32, shown="", scope=GrantScope.PERSON, by=BOB, at=NOON
    )
    assert made.subject == str(ANN)
    assert (made.scope, made.subject) in subjects_of(a_run(asked_by=ANN_TOO), LINKED)
    assert (made.scope, made.subject) not in subjects_of(a_run(asked_by=ANN_TOO), WhoIsWho())
    assert (made.scope, made.subject) not in subjects_of(a_run(asked_by=DAN), LINKED)


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("by", "who", "stands"),
    [
        (ANN_TOO, LINKED, True),  # her own, made from her other account
        (ANN_TOO, WhoIsWho(), False),  # no longer her own once they are parted
        (BOB_TOO, LINKED, True),
        (BOB_TOO, WhoIsWho(), False),
    ],
)
def test_a_grant_stands_while_the_person_behind_it_could_make_it(by: UserRef, who: WhoIsWho, stands: bool) -> None:
    made = grant_for(
        a_run(asked_by=ANN), tool="shell", digest="ab" * 32, shown="", scope=GrantScope.PERSON, by=by, at=NOON
    )
    assert policy(who).stands_behind(made) is stands
