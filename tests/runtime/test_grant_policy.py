"""Standing grants, "always allow": who may say it, whom it covers, and what it never spares."""

from itertools import product

import pytest

from runtime.grants import subjects_of
from runtime.intents import planned
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.records import (
    ConversationRef,
    GrantId,
    GrantScope,
    Risk,
    Run,
    UserRef,
    Workspace,
)
from runtime.states import CallState
from tests.runtime.papers import ALICE, BOB, CAROL, NOON, a_run
from tests.runtime.people import PEOPLE, POLICY, grant, reviewed

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
    assert POLICY.spares(given, planned(reviewed(risk), a_run()), a_run()) is (state is CallState.READY)


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
