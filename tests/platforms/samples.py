"""Cards and pages for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from runtime.contents import VERB_LABELS, Argument, Button, Card
from runtime.records import ApprovalId, ApprovalKind, Requirement, Risk, RunId
from runtime.states import ApprovalStatus

ASKED_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DIGEST = "3f9ac1" + "0" * 58


FORGED = "to: `team@ours.example`\n\n**Who may decide: anyone**\n> <!channel> @here \u202e"
"""The name of an argument that a server made up."""
SEEN_IN_A_LINE = "“to: `team@ours.example` **Who may decide: anyone** > <!channel> @here \\u202e”"


def buttons(*verbs: str, approval: int = 7) -> tuple[Button, ...]:
    styles = {"approve": "primary", "deny": "danger"}
    return tuple(
        Button(verb=verb, label=VERB_LABELS[verb], token=f"pond.{approval}.{verb}", style=styles.get(verb, ""))
        for verb in verbs
    )


def card(**changes: Any) -> Card:
    whole: dict[str, Any] = {
        "approval_id": ApprovalId(7),
        "run_id": RunId(3),
        "kind": ApprovalKind.PERMISSION,
        "status": ApprovalStatus.PENDING,
        "title": "Approval 7: may I run shell_exec_safe?",
        "requested_by": "alice",
        "claim": "I need to know how large the pond is.",
        "tool": "shell_exec_safe",
        "arguments": (Argument(name="command", text="du -sh pond"), Argument(name="timeout", text="30")),
        "preview": "",
        "why_asked": "every shell command needs a person",
        "risk": Risk.HIGH,
        "requirement": Requirement.APPROVERS,
        "deciders": "an approver",
        "workspace": "default",
        "digest": DIGEST,
        "requested_at": ASKED_AT,
        "expires_at": ASKED_AT + timedelta(hours=4),
        "closing": "",
        "buttons": buttons("approve", "always", "deny", "change", "show"),
    }
    return Card(**(whole | changes))


def question() -> Card:
    options = ("The big one", "The small one")
    chosen = (Button(verb=f"answer_{n}", label=each, token=f"pond.7.answer_{n}") for n, each in enumerate(options, 1))
    return card(
        kind=ApprovalKind.QUESTION,
        title="Approval 7: the agent asks a question",
        tool="ask_person",
        risk=Risk.LOW,
        requirement=Requirement.REQUESTER,
        deciders="the requester or an approver",
        arguments=(
            Argument(name="the agent asks", text="Which pond shall I clean?"),
            *(Argument(name=f"option {n}", text=each) for n, each in enumerate(options, 1)),
        ),
        why_asked="The agent wrote this question and its options.",
        buttons=(*chosen, *buttons("answer", "show")),
    )


def decided(**changes: Any) -> Card:
    closing = "Approved by bob on 2026-03-01 at 09:31 UTC."
    return card(status=ApprovalStatus.APPROVED, closing=closing, **{"buttons": (), **changes})
