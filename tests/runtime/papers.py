"""Records made up for tests of pure functions: whole values, of which a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any

from runtime.records import (
    Approval,
    ApprovalId,
    ApprovalKind,
    CallId,
    ConversationRef,
    Decision,
    Denial,
    DeniedBy,
    Effect,
    Observation,
    Reasoning,
    Requirement,
    Risk,
    Run,
    RunId,
    Step,
    ToolCall,
    UserRef,
    Verdict,
    Workspace,
)
from runtime.states import ApprovalStatus, CallState, RunStatus

NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
POND = ConversationRef(platform="slack", space="T1", channel="C1", thread="10.1")
ALICE = UserRef(platform="slack", space="T1", id="UALICE")
BOB = UserRef(platform="slack", space="T1", id="UBOB")
CAROL = UserRef(platform="slack", space="T1", id="UCAROL")
MALLORY = UserRef(platform="slack", space="T1", id="UMALLORY")
ME = UserRef(platform="terminal", id="me")
BY_PERSON = Denial(by=DeniedBy.PERSON, reason="not today", who="Bob")
BY_POLICY = Denial(by=DeniedBy.POLICY, reason="never")
DONE = Observation(ok=True, text="done")


def a_call(number: int = 1, state: CallState = CallState.READY, **changes: Any) -> ToolCall:
    given: dict[str, Any] = {
        "id": CallId(number), "number": number, "tool": "shell", "version": "1", "arguments": {"command": "make"},
        "digest": "ab" * 32, "effect": Effect.EXTERNAL, "risk": Risk.HIGH, "reason": "to see", "state": state,
    }  # fmt: skip
    if state is CallState.OBSERVED:
        given["observation"] = DONE
    return ToolCall(**(given | changes))


def a_step(*calls: ToolCall, number: int = 1, text: str = "") -> Step:
    return Step(number=number, text=text, calls=calls)


def a_run(*steps: Step, status: RunStatus = RunStatus.RUNNING, **changes: Any) -> Run:
    given: dict[str, Any] = {
        "id": RunId(7), "conversation_id": 1, "where": POND, "direct": False, "message_id": "m1", "asked_by": ALICE,
        "author_name": "Alice", "request": "please", "workspace": Workspace(id="default", path="/srv/files"),
        "reasoning": Reasoning.AUTO, "debug": False, "reflect": False, "status": status, "steps": steps, "created_at": NOON,
    }  # fmt: skip
    return Run(**(given | changes))


def an_approval(status: ApprovalStatus = ApprovalStatus.PENDING, **changes: Any) -> Approval:
    given: dict[str, Any] = {
        "id": ApprovalId(4), "run_id": RunId(7), "call_id": CallId(1), "kind": ApprovalKind.PERMISSION, "status": status,
        "requirement": Requirement.APPROVERS, "requested_at": NOON, "expires_at": None,
    }  # fmt: skip
    return Approval(**(given | changes))


def a_decision(verdict: Verdict = Verdict.APPROVE, **changes: Any) -> Decision:
    given: dict[str, Any] = {"verdict": verdict, "by": BOB, "by_name": "Bob", "at": NOON, "where": "slack:T1/C1"}
    return Decision(**(given | changes))
