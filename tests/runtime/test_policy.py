"""The policy: for every risk and everybody who may be there, who is asked, who decides, and who may allow for good."""

from datetime import timedelta
from itertools import product

import pytest

from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles, grant_for, subjects_of
from runtime.records import (
    ConversationRef,
    DeniedBy,
    Effect,
    Grant,
    GrantId,
    GrantScope,
    Requirement,
    Risk,
    Run,
    UserRef,
    Workspace,
)
from runtime.states import CallState
from runtime.tools.gateway import Reviewed
from runtime.tools.port import Assessment
from tests.runtime.papers import ALICE, BOB, CAROL, MALLORY, ME, NOON, a_run

DAVE = UserRef(platform="slack", space="T1", id="UDAVE")  # both an approver and whoever asks
ROLES = Roles(users=frozenset({ALICE}), approvers=frozenset({BOB, DAVE}), admins=frozenset({CAROL}))
POLICY = Policy(roles=ROLES, requirements=DEFAULT_REQUIREMENTS)
OFF, REQUESTER, APPROVERS, OTHER = None, Requirement.REQUESTER, Requirement.APPROVERS, Requirement.OTHER_APPROVER


def reviewed(risk: Risk = Risk.HIGH, *, refusal: str = "") -> Reviewed:
    return Reviewed(
        tool="shell", version="1", arguments={"command": "make"}, digest="ab" * 32, effect=Effect.EXTERNAL,
        assessment=Assessment(risk=risk, why_asked="it runs", refusal=refusal),
    )  # fmt: skip


def grant(scope: GrantScope = GrantScope.PERSON, *, by: UserRef = ALICE, run: Run | None = None) -> Grant:
    return grant_for(run or a_run(), tool="shell", digest="ab" * 32, shown="shell(make)", scope=scope, by=by, at=NOON)


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
PEOPLE = {
    "the requester": (ALICE, ALICE),
    "an approver": (ALICE, BOB),
    "an approver who asked": (DAVE, DAVE),
    "a stranger": (ALICE, MALLORY),
    "an administrator": (ALICE, CAROL),
    "whoever sits at the machine": (ALICE, ME),
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


# always allow

GRANTS: dict[tuple[GrantScope, str], bool] = {
    (GrantScope.PERSON, "the requester"): True,
    (GrantScope.PERSON, "an approver"): True,
    (GrantScope.PERSON, "an approver who asked"): True,
    (GrantScope.PERSON, "a stranger"): False,
    (GrantScope.PERSON, "an administrator"): False,
    (GrantScope.PERSON, "whoever sits at the machine"): True,
    (GrantScope.CONVERSATION, "the requester"): False,
    (GrantScope.CONVERSATION, "an approver"): True,
    (GrantScope.CONVERSATION, "an approver who asked"): True,
    (GrantScope.CONVERSATION, "a stranger"): False,
    (GrantScope.CONVERSATION, "an administrator"): False,
    (GrantScope.CONVERSATION, "whoever sits at the machine"): True,
    (GrantScope.WORKSPACE, "the requester"): False,
    (GrantScope.WORKSPACE, "an approver"): False,
    (GrantScope.WORKSPACE, "an approver who asked"): False,
    (GrantScope.WORKSPACE, "a stranger"): False,
    (GrantScope.WORKSPACE, "an administrator"): True,
    (GrantScope.WORKSPACE, "whoever sits at the machine"): True,
}


def test_the_matrix_of_grants_is_whole() -> None:
    assert set(GRANTS) == set(product(GrantScope, PEOPLE))


@pytest.mark.promise(15)
@pytest.mark.parametrize(("scope", "who"), GRANTS, ids=[f"{scope}-{who}" for scope, who in GRANTS])
def test_who_may_allow_for_good(scope: GrantScope, who: str) -> None:
    requester, person = PEOPLE[who]
    assert POLICY.may_grant(scope, requester, person) is GRANTS[scope, who]


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("risk", "state"),
    [
        (Risk.MEDIUM, CallState.READY),
        (Risk.HIGH, CallState.READY),
        (Risk.CRITICAL, CallState.AWAITING_APPROVAL),
    ],
)
def test_a_grant_spares_the_question_but_never_a_second_person(risk: Risk, state: CallState) -> None:
    given = grant(GrantScope.CONVERSATION, by=BOB)
    ruling = POLICY.rule(reviewed(risk), a_run(), grant=given, at=NOON)
    assert ruling.state is state
    assert ruling.grant == (given.id if state is CallState.READY else None)
    assert POLICY.suffices(given, risk) is (state is CallState.READY)


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("scope", "by", "roles_then"),
    [
        (GrantScope.PERSON, ALICE, Roles()),
        (GrantScope.PERSON, BOB, Roles(users=frozenset({ALICE, BOB}))),
        (GrantScope.CONVERSATION, BOB, Roles(users=frozenset({ALICE, BOB}))),
        (GrantScope.WORKSPACE, CAROL, Roles(users=frozenset({ALICE}), approvers=frozenset({CAROL}))),
    ],
    ids=["user", "approver", "approver-here", "administrator"],
)
def test_a_grant_ends_with_the_role_of_who_made_it(scope: GrantScope, by: UserRef, roles_then: Roles) -> None:
    given = grant(scope, by=by)
    assert POLICY.stands_behind(given)
    later = Policy(roles=roles_then, requirements=DEFAULT_REQUIREMENTS)
    assert not later.stands_behind(given)
    assert later.rule(reviewed(Risk.MEDIUM), a_run(), grant=given, at=NOON).state is CallState.AWAITING_APPROVAL


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("scope", "same", "other"),
    [
        (GrantScope.PERSON, a_run(where=ConversationRef(platform="slack", channel="C9")), a_run(asked_by=BOB)),
        (
            GrantScope.CONVERSATION,
            a_run(asked_by=BOB, where=ConversationRef(platform="slack", space="T1", channel="C1", thread="99.9")),
            a_run(where=ConversationRef(platform="slack", space="T1", channel="C2", thread="10.1")),
        ),
        (GrantScope.WORKSPACE, a_run(asked_by=BOB), a_run(workspace=Workspace(id="other", path="/srv/files"))),
    ],
)
def test_a_grant_covers_whom_its_scope_names_and_nobody_else(scope: GrantScope, same: Run, other: Run) -> None:
    made = grant(scope)
    assert (scope, made.subject) in subjects_of(a_run())
    assert (scope, made.subject) in subjects_of(same)
    assert (scope, made.subject) not in subjects_of(other)


def test_a_grant_names_what_was_shown_and_who_made_it() -> None:
    made = grant()
    assert (made.id, made.tool, made.digest, made.shown) == (GrantId(0), "shell", "ab" * 32, "shell(make)")
    assert (made.created_by, made.created_at, made.workspace, made.expires_at) == (ALICE, NOON, "default", None)


# who may talk


@pytest.mark.parametrize(("person", "talks"), [(ALICE, True), (BOB, True), (CAROL, True), (ME, True), (MALLORY, False)])
def test_users_approvers_and_administrators_may_talk(person: UserRef, talks: bool) -> None:
    assert ROLES.may_talk(person) is talks


def test_nobody_may_talk_by_default_but_whoever_sits_at_the_machine() -> None:
    assert not Roles().may_talk(ALICE)
    assert Roles().may_talk(ME)
    assert Roles(users=None).may_talk(MALLORY)
