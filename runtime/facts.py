"""What can be said to have happened: the event types, and what each says in its body.

A fact becomes an event when it is committed. A body holds JSON values only.
"""

from enum import StrEnum

from msgspec import Struct

from runtime.models.port import ModelReply, Role
from runtime.records import JsonObject


class EventType(StrEnum):
    RUN_CREATED = "run_created"
    RUN_CONTINUED = "run_continued"
    RUN_WAITING_FOR_APPROVAL = "run_waiting_for_approval"
    RUN_COMPLETED = "run_completed"
    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    RUN_EXPIRED = "run_expired"
    MODEL_CALL_STARTED = "model_call_started"
    MODEL_CALL_FINISHED = "model_call_finished"
    COGNITION_RESPONSE = "cognition_response"
    ACTION_DIRECTIVE = "action_directive"
    ACTION_DIRECTIVE_FAILED = "action_directive_failed"
    TOOL_CALL_STARTED = "tool_call_started"
    TOOL_CALL_FINISHED = "tool_call_finished"
    TOOL_APPROVAL_REQUESTED = "tool_approval_requested"
    APPROVAL_DECIDED = "approval_decided"
    APPROVAL_REFUSED = "approval_refused"
    COMMAND_AUDIT = "command_audit"
    TOOL_ITERATION_LIMIT_REACHED = "tool_iteration_limit_reached"
    MEMORY_POLICY_DECISION = "memory_policy_decision"
    MEMORY_STORED = "memory_stored"
    MEMORY_POLICY_FAILED = "memory_policy_failed"
    REFLECTION_COMPLETED = "reflection_completed"
    REFLECTION_FAILED = "reflection_failed"
    PAYLOAD_ERASED = "payload_erased"


class Fact(Struct, frozen=True):
    """An event that is not committed yet."""

    type: EventType
    body: JsonObject


def model_call_started(role: Role) -> Fact:
    return Fact(EventType.MODEL_CALL_STARTED, {"role": role.value})


def model_call_finished(role: Role, reply: ModelReply) -> Fact:
    """The model answered; what it cost."""
    return Fact(
        EventType.MODEL_CALL_FINISHED,
        {
            "role": role.value,
            "ok": True,
            "model": reply.model,
            "prompt_tokens": reply.usage.prompt_tokens,
            "completion_tokens": reply.usage.completion_tokens,
            "latency_ms": reply.usage.latency_ms,
        },
    )


def model_call_failed(role: Role, error: str, latency_ms: int = 0) -> Fact:
    """The model call ended without a reply. The same event type: every started call has a finished one."""
    return Fact(
        EventType.MODEL_CALL_FINISHED,
        {"role": role.value, "ok": False, "error": error, "latency_ms": latency_ms},
    )


def cognition_response(role: Role, reply: ModelReply) -> Fact:
    """What the model said, word for word, and what it thought aloud where it did."""
    body = {"role": role.value, "text": reply.text}
    if reply.reasoning:
        body["reasoning"] = reply.reasoning
    return Fact(EventType.COGNITION_RESPONSE, body)


def action_directive(tools: tuple[str, ...]) -> Fact:
    """A directive was read and is valid. The words are the response's, the arguments are the calls'."""
    return Fact(EventType.ACTION_DIRECTIVE, {"calls": list(tools)})


def action_directive_failed(errors: tuple[str, ...]) -> Fact:
    """What the model said could not be used as a directive, and why. Its words are the response's."""
    return Fact(EventType.ACTION_DIRECTIVE_FAILED, {"errors": list(errors)})
