"""Events in words: what a person reads in a timeline. Pure; `mallard audit export` has every field."""

from collections.abc import Callable, Mapping
from typing import Any

from runtime.facts import EventType
from runtime.models.port import EMBEDDED
from runtime.records import Event
from runtime.showing import shortened

Body = Mapping[str, Any]


def tell(event: Event) -> str:
    """An event in one line; "" for one that another line tells better."""
    if event.body is None:
        return f"{event.type}: forgotten"
    teller = _TELLERS.get(event.type)
    return teller(event.body) if teller else f"{event.type}: {_fields(event.body)}"


def _fields(body: Body) -> str:
    return " · ".join(f"{name} {_plain(value)}" for name, value in body.items() if value not in ("", None))


def _plain(value: object) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _short(text: object, limit: int = 200) -> str:
    return shortened(str(text), limit)


def _model(body: Body) -> str:
    took = f"{body.get('latency_ms', 0)} ms"
    if not body.get("ok"):
        return f"the {body['role']} model failed after {took}: {_short(body.get('error', ''))}"
    tokens = f"{body.get('prompt_tokens', 0)} + {body.get('completion_tokens', 0)} tokens"
    if body.get("model") == EMBEDDED:
        return f"the built-in planner did the work of the {body['role']} model"
    return f"the {body['role']} model ({body.get('model', '?')}) answered in {took}, {tokens}"


def _finished(body: Body) -> str:
    outcome = "succeeded" if body.get("ok") else f"did not succeed ({body.get('error', 'no reason given')})"
    return f"{body['tool']} (call {body['call']}) {outcome}"


def _decided(body: Body) -> str:
    said = f", saying: {_short(body['comment'])}" if body.get("comment") else ""
    always = f", always for this {body['grant']}" if body.get("grant") else ""
    return (
        f"approval {body['approval']} ({body['tool']}): {str(body['verdict']).replace('_', ' ')} by {body['by']}"
        f"{always}{said} · digest {str(body['digest'])[:16]}"
    )


def _refused(body: Body) -> str:
    return f"approval {body['approval']}: {body['by']} tried to {body['verdict']}, and was refused: {body['why']}"


def _asked(body: Body) -> str:
    who = str(body["who"]).replace("_", " ")
    return (
        f"approval {body['approval']} asked ({body['kind']}, for {who} to decide) · digest {str(body['digest'])[:16]}"
    )


def _command(body: Body) -> str:
    if body.get("ran") is False:
        return f"command {_short(body.get('command', ''), 120)!r} was not run: {_short(body.get('reason', ''))}"
    code = body.get("returncode")
    ended = "was stopped" if code is None else f"returned {code}"
    return f"command {_short(body.get('command', ''), 120)!r} {ended} after {body.get('duration_ms', 0)} ms"


def _erased(body: Body) -> str:
    numbers = _plain(body.get("events", []))
    return f"what events {numbers} said was forgotten" if numbers else "something that was said here was forgotten"


_TELLERS: Mapping[str, Callable[[Body], str]] = {
    EventType.PAYLOAD_ERASED: _erased,
    EventType.RUN_CREATED: lambda body: f"asked by {body['by']}: {_short(body['request'])}",
    EventType.RUN_CONTINUED: lambda body: "the run goes on",
    EventType.RUN_WAITING_FOR_APPROVAL: lambda body: "the run waits for a person",
    EventType.RUN_COMPLETED: lambda body: "the run is completed",
    EventType.RUN_FAILED: lambda body: f"the run failed: {_short(body.get('why', ''))}",
    EventType.RUN_CANCELLED: lambda body: f"the run was stopped: {_short(body.get('why') or body.get('by', ''))}",
    EventType.RUN_EXPIRED: lambda body: "the run expired: nobody decided in time",
    EventType.MODEL_CALL_STARTED: lambda body: "",
    EventType.MODEL_CALL_FINISHED: _model,
    EventType.COGNITION_RESPONSE: lambda body: "",
    EventType.ACTION_DIRECTIVE: lambda body: f"plan: {_plain(body['calls']) or 'no more tools'}",
    EventType.ACTION_DIRECTIVE_FAILED: lambda body: f"no usable plan: {_short(_plain(body['errors']))}",
    EventType.TOOL_CALL_STARTED: lambda body: (
        f"{body['tool']} (call {body['call']}) started, attempt {body['attempt']}"
    ),
    EventType.TOOL_CALL_FINISHED: _finished,
    EventType.TOOL_APPROVAL_REQUESTED: _asked,
    EventType.APPROVAL_DECIDED: _decided,
    EventType.APPROVAL_REFUSED: _refused,
    EventType.COMMAND_AUDIT: _command,
    EventType.TOOL_ITERATION_LIMIT_REACHED: lambda body: f"the limit of {body['steps']} steps is reached",
}
