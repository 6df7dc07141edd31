"""The operator's rules: the first that matches says who is asked, and none does more than it says."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.intents import planned
from runtime.policy import DEFAULT_REQUIREMENTS, Policy
from runtime.records import ConversationRef, DeniedBy, Effect, GrantScope, Requirement, Risk, Workspace
from runtime.rules import REQUIREMENTS, Group, Rule, Then, is_weaker, stricter
from runtime.states import CallState
from runtime.tools.gateway import Reviewed
from runtime.tools.port import Assessment
from tests.runtime.papers import ALICE, BOB, CAROL, MALLORY, ME, NOON, a_call, a_run, a_step
from tests.runtime.people import DAVE, POLICY, ROLES, grant, reviewed

WEB = a_step(a_call(2, state=CallState.OBSERVED, tool="fetch", arguments={"url": "http://x.org"}, reads_untrusted=True))


def with_rules(*rules: Rule) -> Policy:
    return Policy(roles=ROLES, requirements=DEFAULT_REQUIREMENTS, expiry=timedelta(hours=1), rules=rules)


RUN = a_run()
FITS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a tool by name": ({"tools": ("shell",)}, {"tools": ("shel",)}),
    "tools by pattern": ({"tools": ("mcp.*", "sh*")}, {"tools": ("shell?", "*hell.x")}),
    "this much risk at least": ({"risk": Risk.HIGH}, {"risk": Risk.CRITICAL}),
    "less risk": ({"risk": Risk.MEDIUM}, {"risk": Risk.CRITICAL}),
    "a workspace": ({"workspaces": ("default",)}, {"workspaces": ("other",)}),
    "a conversation": ({"conversations": ("slack:T1/C1",)}, {"conversations": ("slack:T1/C",)}),
    "conversations by pattern": ({"conversations": ("discord:*", "slack:T1/*")}, {"conversations": ("slack:T2/*",)}),
    "the asker": ({"persons": (BOB, ALICE)}, {"persons": (BOB,)}),
    "everything that it names": (
        {"tools": ("shell",), "risk": Risk.LOW, "persons": (ALICE,)},
        {"tools": ("shell",), "risk": Risk.LOW, "persons": (BOB,)},
    ),
}


@pytest.mark.parametrize("about", FITS)
def test_a_rule_is_about_what_it_names_and_nothing_else(about: str) -> None:
    fitting, missing = FITS[about]
    assert with_rules(Rule(then=Then.DENY, **fitting)).rule(reviewed(), RUN, grant=None, at=NOON).denial is not None
    assert with_rules(Rule(then=Then.DENY, **missing)).rule(reviewed(), RUN, grant=None, at=NOON).denial is None


@pytest.mark.parametrize(
    ("group", "inside", "outside"),
    [(Group.APPROVERS, (BOB, DAVE, ME), (ALICE, CAROL, MALLORY)), (Group.ADMINS, (CAROL, ME), (ALICE, BOB, MALLORY))],
)
def test_a_rule_can_name_people_by_what_they_are(
    group: Group, inside: tuple[Any, ...], outside: tuple[Any, ...]
) -> None:
    policy = with_rules(Rule(then=Then.RUN, persons=(group,)))
    for person in (*inside, *outside):
        ruling = policy.rule(reviewed(), a_run(asked_by=person), grant=None, at=NOON)
        assert (ruling.state is CallState.READY) is (person in inside)


def test_a_thread_is_part_of_its_channel() -> None:
    where = ConversationRef(platform="slack", space="T1", channel="C1", thread="99.9")
    policy = with_rules(Rule(then=Then.RUN, conversations=("slack:T1/C1",)))
    assert policy.rule(reviewed(), a_run(where=where), grant=None, at=NOON).state is CallState.READY


@pytest.mark.promise(7)
def test_the_first_rule_that_matches_counts_and_the_settings_where_none_does() -> None:
    policy = with_rules(
        Rule(then=Then.ASK_REQUESTER, workspaces=("other",)),
        Rule(then=Then.DENY, tools=("shell",), why="not with a shell"),
        Rule(then=Then.RUN),
    )
    ruling = policy.rule(reviewed(), RUN, grant=grant(GrantScope.CONVERSATION, by=BOB), at=NOON)
    assert ruling.denial is not None
    assert (ruling.denial.by, ruling.denial.reason) == (DeniedBy.POLICY, "not with a shell")
    other = a_run(workspace=Workspace(id="other", path="/srv/files"))
    assert policy.rule(reviewed(), other, grant=None, at=NOON).requirement is Requirement.REQUESTER
    bare = with_rules(Rule(then=Then.RUN, tools=("else",))).rule(reviewed(), RUN, grant=None, at=NOON)
    assert (bare.state, bare.requirement) == (CallState.AWAITING_APPROVAL, Requirement.APPROVERS)


# rule × risk × effect × taint × refusal: all that a rule can do, and all that it cannot

EVERYTHING = list(product(Then, Risk, Effect, (False, True), (False, True)))


@pytest.mark.promise(7)
@pytest.mark.parametrize("then", Then)
def test_what_a_rule_says_is_what_happens_but_for_three_things(then: Then) -> None:
    for each, risk, effect, tainted, refused in EVERYTHING:
        if each is not then:
            continue
        run = a_run(WEB) if tainted else RUN
        call = a_review(risk, effect, sends_out=True, refusal="never" if refused else "")
        ruling = with_rules(Rule(then=then)).rule(call, run, grant=None, at=NOON)
        if refused or then is Then.DENY:
            assert ruling.state is CallState.DENIED
            continue
        wanted = REQUIREMENTS[then]
        if risk is Risk.CRITICAL:
            wanted = Requirement.OTHER_APPROVER
        if tainted and wanted is None:
            wanted = Requirement.REQUESTER
        if wanted is None:
            assert ruling.state is CallState.READY, (risk, effect)
        else:
            assert (ruling.state, ruling.requirement) == (CallState.AWAITING_APPROVAL, wanted)


def a_review(risk: Risk, effect: Effect, **more: Any) -> Reviewed:
    assessment = Assessment(risk=risk, **more)
    return Reviewed(tool="shell", version="1", arguments={}, digest="ab" * 32, effect=effect, assessment=assessment)


PATTERNS = st.sampled_from([(), ("*",), ("shell",), ("s*", "x"), ("other",)])
RULES = st.lists(
    st.builds(
        Rule,
        then=st.sampled_from(Then),
        tools=PATTERNS,
        risk=st.sampled_from(Risk),
        workspaces=st.sampled_from([(), ("default",), ("other",)]),
        persons=st.sampled_from([(), (ALICE,), (BOB,), (Group.APPROVERS,), (Group.ADMINS, MALLORY)]),
    ),
    max_size=5,
)


@pytest.mark.promise(7)
@given(
    RULES, st.sampled_from(Risk), st.sampled_from(Effect), st.sampled_from([ALICE, BOB, CAROL, MALLORY]), st.booleans(),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_no_set_of_rules_lifts_what_none_may_lift(
    rules: list[Rule], risk: Risk, effect: Effect, asker: Any, sends: bool, reads: bool, refused: bool
) -> None:
    run = a_run(*((WEB,) if reads else ()), asked_by=asker)
    call = a_review(risk, effect, sends_out=sends, refusal="never" if refused else "")
    standing = grant(GrantScope.CONVERSATION, by=BOB, run=run)
    policy = with_rules(*rules)
    ruling = policy.rule(call, run, grant=standing, at=NOON)
    if refused:
        assert ruling.state is CallState.DENIED
    if risk is Risk.CRITICAL or (sends and reads):
        assert ruling.state is not CallState.READY
    if risk is Risk.CRITICAL and ruling.state is CallState.AWAITING_APPROVAL:
        assert ruling.requirement is Requirement.OTHER_APPROVER
    unmatched = [rule for rule in rules if not rule.matches(planned(call, run), run, ROLES)]
    assert with_rules(*unmatched).rule(call, run, grant=None, at=NOON) == POLICY_OF_AN_HOUR.rule(
        call, run, grant=None, at=NOON
    )


POLICY_OF_AN_HOUR = with_rules()


def test_stricter_is_an_order() -> None:
    order = [None, Requirement.REQUESTER, Requirement.APPROVERS, Requirement.OTHER_APPROVER]
    for (a, one), (b, other) in product(enumerate(order), repeat=2):
        assert stricter(one, other) is order[max(a, b)]
        assert is_weaker(one, other) is (a < b)


# grants below rules


@pytest.mark.promise(15)
@pytest.mark.parametrize(
    ("then", "by", "state"),
    [
        (Then.ASK_REQUESTER, ALICE, CallState.READY),
        (Then.ASK_APPROVERS, ALICE, CallState.AWAITING_APPROVAL),  # her word is not an approver's
        (Then.ASK_APPROVERS, BOB, CallState.READY),
        (Then.ASK_OTHER_APPROVER, BOB, CallState.AWAITING_APPROVAL),
        (Then.DENY, BOB, CallState.DENIED),
    ],
)
def test_a_grant_spares_what_whoever_made_it_could_have_said_yes_to(then: Then, by: Any, state: CallState) -> None:
    policy = with_rules(Rule(then=then))
    assert policy.rule(reviewed(Risk.MEDIUM), RUN, grant=grant(by=by), at=NOON).state is state


@pytest.mark.promise(6)
def test_a_rule_that_asks_where_nobody_could_answer_is_a_refusal_with_advice() -> None:
    policy = Policy(
        roles=ROLES.__class__(approvers=frozenset({ALICE})),
        requirements=DEFAULT_REQUIREMENTS,
        rules=(Rule(then=Then.ASK_OTHER_APPROVER),),
    )
    ruling = policy.rule(reviewed(Risk.NONE), RUN, grant=None, at=NOON)
    assert ruling.denial is not None
    assert "MALLARD_APPROVERS" in ruling.denial.reason


def test_without_rules_nothing_is_different() -> None:
    for risk in Risk:
        assert with_rules().demand(planned(reviewed(risk), RUN), RUN) == POLICY.demand(
            planned(reviewed(risk), RUN), RUN
        )
