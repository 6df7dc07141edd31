"""Cards for tests of the terminal."""

from datetime import UTC, datetime
from typing import Any

from runtime.contents import VERB_LABELS, Argument, Button, Card
from runtime.records import ApprovalId, ApprovalKind, Requirement, Risk, RunId
from runtime.states import ApprovalStatus

PERMISSION = ("approve", "always", "deny", "change", "show")


def make_card(number: int = 4, *, verbs: tuple[str, ...] = PERMISSION, **changes: Any) -> Card:
    standard: dict[str, Any] = {
        "approval_id": ApprovalId(number),
        "run_id": RunId(7),
        "kind": ApprovalKind.PERMISSION,
        "status": ApprovalStatus.PENDING,
        "title": "Run a shell command?",
        "requested_by": "terminal:anna",
        "claim": "I need the list",
        "tool": "shell_exec_safe",
        "arguments": (Argument(name="command", text="ls -l"),),
        "preview": "",
        "why_asked": "a shell can do anything",
        "risk": Risk.HIGH,
        "requirement": Requirement.APPROVERS,
        "deciders": "",
        "workspace": "default (/srv/work)",
        "digest": "ab" * 32,
        "requested_at": datetime(2026, 1, 1, tzinfo=UTC),
        "expires_at": None,
        "closing": "",
        "buttons": tuple(
            Button(verb=verb, label=VERB_LABELS.get(verb, verb), token=f"t{number}:{verb}") for verb in verbs
        ),
    }
    return Card(**standard | changes)
