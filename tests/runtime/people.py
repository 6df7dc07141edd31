"""Who there is for a policy to tell apart, and what it is asked about."""

from runtime.grants import grant_for
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.records import (
    Effect,
    Grant,
    GrantScope,
    Risk,
    Run,
    UserRef,
)
from runtime.tools.gateway import Reviewed
from runtime.tools.port import Assessment
from tests.runtime.papers import ALICE, BOB, CAROL, MALLORY, ME, NOON, a_run

DAVE = UserRef(platform="slack", space="T1", id="UDAVE")  # both an approver and whoever asks
ROLES = Roles(users=frozenset({ALICE}), approvers=frozenset({BOB, DAVE}), admins=frozenset({CAROL}))
POLICY = Policy(roles=ROLES, requirements=DEFAULT_REQUIREMENTS)


def reviewed(risk: Risk = Risk.HIGH, *, refusal: str = "") -> Reviewed:
    return Reviewed(
        tool="shell", version="1", arguments={"command": "make"}, digest="ab" * 32, effect=Effect.EXTERNAL,
        assessment=Assessment(risk=risk, why_asked="it runs", refusal=refusal),
    )  # fmt: skip


def grant(scope: GrantScope = GrantScope.PERSON, *, by: UserRef = ALICE, run: Run | None = None) -> Grant:
    return grant_for(run or a_run(), tool="shell", digest="ab" * 32, shown="shell(make)", scope=scope, by=by, at=NOON)


PEOPLE = {
    "the requester": (ALICE, ALICE),
    "an approver": (ALICE, BOB),
    "an approver who asked": (DAVE, DAVE),
    "a stranger": (ALICE, MALLORY),
    "an administrator": (ALICE, CAROL),
    "whoever sits at the machine": (ALICE, ME),
}
