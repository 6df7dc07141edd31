"""The policy: for every risk and everybody who may be there, who is asked, who decides, and who may talk."""

from datetime import timedelta
from itertools import product

import pytest

from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.records import (
    DeniedBy,
    Requirement,
    Risk,
    UserRef,
)
from runtime.states import CallState
from tests.runtime.papers import ALICE, BOB, CAROL, MALLORY, ME, NOON, a_run
from tests.runtime.people import PEOPLE, POLICY, ROLES, grant, reviewed

OFF, REQUESTER, APPROVERS, OTHER = None, Requirement.REQUESTER, Requirement.APPROVERS, Requirement.OTHER_APPROVER


# who is asked

ASKED = {
    Risk.NONE: OFF,
    Risk.LOW: OFF,
    Risk.MEDIUM: REQUESTER,
    Risk.HIGH: APPROVERS,
    Risk.CRITICAL: OTHER,
}


@pytest.mark.promise(7)
@pytest.mark.parametrize("risk", list(Risk))
def test_who_is_asked_follows_the_risk(risk: Risk) -> None:
    ruling = POLICY.rule(reviewed(risk), a_run(), grant=None, at=NOON)
    if ASKED[risk] is None:
        assert ruling.state is CallState.READY
    else:
        assert (ruling.state, ruling.requirement) == (CallState.AWAITING_APPROVAL, ASKED[risk])


@pytest.mark.promise(7)
def test_a_risk_that_the_settings_do_not_name_asks_a_second_person() -> None:
    bare = Policy(roles=ROLES, requirements={})
    ruling = bare.rule(reviewed(Risk.NONE), a_run(), grant=grant(), at=NOON)
    assert (ruling.state, ruling.requirement) == (CallState.AWAITING_APPROVAL, OTHER)


@pytest.mark.parametrize("risk", list(Risk))
def test_what_a_tool_refuses_is_refused_whatever_the_risk_or_grant(risk: Risk) -> None:
    ruling = POLICY.rule(reviewed(risk, refusal="never this"), a_run(), grant=grant(), at=NOON)
    assert ruling.state is CallState.DENIED
    assert ruling.denial is not None
    assert (ruling.denial.by, ruling.denial.reason) == (DeniedBy.POLICY, "never this")


@pytest.mark.promise(8)
@pytest.mark.parametrize("span", [None, timedelta(hours=1)])
def test_a_card_can_be_decided_for_as_long_as_the_settings_say(span: timedelta | None) -> None:
    policy = Policy(roles=ROLES, requirements=DEFAULT_REQUIREMENTS, expiry=span)
    ruling = policy.rule(reviewed(), a_run(), grant=None, at=NOON)
    assert ruling.expires_at == (None if span is None else NOON + span)


# who decides: requirement × person, for a run that Alice asked for, and for one that an approver asked for

MATRIX: dict[tuple[Requirement, str], bool] = {
    (REQUESTER, "the requester"): True,
    (REQUESTER, "an approver"): True,
    (REQUESTER, "an approver who asked"): True,
    (REQUESTER, "a stranger"): False,
    (REQUESTER, "an administrator"): False,
    (REQUESTER, "whoever sits at the machine"): True,
    (APPROVERS, "the requester"): False,
    (APPROVERS, "an approver"): True,
    (APPROVERS, "an approver who asked"): True,
    (APPROVERS, "a stranger"): False,
    (APPROVERS, "an administrator"): False,
    (APPROVERS, "whoever sits at the machine"): True,
    (OTHER, "the requester"): False,
    (OTHER, "an approver"): True,
    (OTHER, "an approver who asked"): False,
    (OTHER, "a stranger"): False,
    (OTHER, "an administrator"): False,
    (OTHER, "whoever sits at the machine"): True,
}


def test_the_matrix_is_whole() -> None:
    assert set(MATRIX) == set(product(Requirement, PEOPLE))


@pytest.mark.promise(7)
@pytest.mark.parametrize(("requirement", "who"), MATRIX, ids=[f"{need}-{who}" for need, who in MATRIX])
def test_who_may_decide(requirement: Requirement, who: str) -> None:
    requester, person = PEOPLE[who]
    assert POLICY.may_decide(requirement, requester, person) is MATRIX[requirement, who]


@pytest.mark.promise(7)
@pytest.mark.parametrize(
    "double",
    [
        UserRef(platform="slack", space="T2", id="UBOB"),
        UserRef(platform="discord", space="T1", id="UBOB"),
        UserRef(platform="slack", space="", id="UBOB"),
    ],
)
@pytest.mark.parametrize("requirement", list(Requirement))
def test_who_only_has_the_same_number_elsewhere_decides_nothing(requirement: Requirement, double: UserRef) -> None:
    assert not POLICY.may_decide(requirement, ALICE, double)


@pytest.mark.promise(7)
@pytest.mark.parametrize("requirement", [APPROVERS, REQUESTER])
def test_whoever_sits_at_the_machine_decides_what_they_asked_for_themselves(requirement: Requirement) -> None:
    assert POLICY.may_decide(requirement, ME, ME)
    assert not POLICY.may_decide(OTHER, ME, ME)


# nobody who could decide

NOBODY = Roles(users=frozenset({ALICE}), admins=frozenset({CAROL}))


@pytest.mark.promise(6)
def test_without_approvers_a_call_is_refused_with_the_setting_and_the_persons_own_id() -> None:
    policy = Policy(roles=NOBODY, requirements=DEFAULT_REQUIREMENTS)
    ruling = policy.rule(reviewed(Risk.HIGH), a_run(), grant=None, at=NOON)
    assert ruling.state is CallState.DENIED
    assert ruling.denial is not None
    assert ruling.denial.by is DeniedBy.POLICY
    assert "MALLARD_APPROVERS=slack:T1/UALICE" in ruling.denial.reason


@pytest.mark.promise(6)
@pytest.mark.parametrize("approvers", [frozenset[UserRef](), frozenset({ALICE})], ids=["nobody", "the requester alone"])
def test_without_a_second_person_a_critical_call_is_refused_and_says_whom_it_needs(
    approvers: frozenset[UserRef],
) -> None:
    policy = Policy(roles=Roles(approvers=approvers), requirements=DEFAULT_REQUIREMENTS)
    ruling = policy.rule(reviewed(Risk.CRITICAL), a_run(), grant=None, at=NOON)
    assert ruling.state is CallState.DENIED
    assert ruling.denial is not None
    assert "other than the person who asked" in ruling.denial.reason
    assert "MALLARD_APPROVERS" in ruling.denial.reason
    assert "slack:T1/UALICE" in ruling.denial.reason


@pytest.mark.promise(6)
@pytest.mark.parametrize(
    ("roles", "requester", "risk", "state"),
    [
        (NOBODY, ALICE, Risk.MEDIUM, CallState.AWAITING_APPROVAL),
        (NOBODY, ME, Risk.HIGH, CallState.AWAITING_APPROVAL),
        (NOBODY, ME, Risk.CRITICAL, CallState.DENIED),
        (NOBODY, ALICE, Risk.LOW, CallState.READY),
        (Roles(approvers=frozenset({ALICE})), ALICE, Risk.HIGH, CallState.AWAITING_APPROVAL),
        (Roles(approvers=frozenset({ALICE, BOB})), ALICE, Risk.CRITICAL, CallState.AWAITING_APPROVAL),
    ],
)
def test_a_card_is_made_exactly_where_somebody_can_decide_it(
    roles: Roles, requester: UserRef, risk: Risk, state: CallState
) -> None:
    policy = Policy(roles=roles, requirements=DEFAULT_REQUIREMENTS)
    assert policy.rule(reviewed(risk), a_run(asked_by=requester), grant=None, at=NOON).state is state


# who may talk


@pytest.mark.parametrize(("person", "talks"), [(ALICE, True), (BOB, True), (CAROL, True), (ME, True), (MALLORY, False)])
def test_users_approvers_and_administrators_may_talk(person: UserRef, talks: bool) -> None:
    assert ROLES.may_talk(person) is talks


def test_nobody_may_talk_by_default_but_whoever_sits_at_the_machine() -> None:
    assert not Roles().may_talk(ALICE)
    assert Roles().may_talk(ME)
    assert Roles(users=None).may_talk(MALLORY)
