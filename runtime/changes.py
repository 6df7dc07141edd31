"""A call that a person wanted changed, where the very same is planned again. Pure."""

from msgspec.structs import replace

from runtime.records import Risk, Run, ToolCall
from runtime.tools.gateway import OUT_OF_THE_REQUEST, Reviewed, carrying_secrets
from runtime.tools.port import Assessment
from runtime.transcript import wants_change

SAME_AS_BEFORE = "A person wanted this very call changed, and it is the same again."


def seen_in(run: Run, reviewed: Reviewed, *, holds_secrets: bool) -> Reviewed:
    """A reviewed call as the run lets it be seen: what uses a secret that a person wrote, and what a person wanted changed and
    is planned all the same, never runs unasked, and its card says why."""
    calls = (call for step in run.steps for call in step.calls)
    before = next((call for call in calls if wants_change(call) and _is_same(call, reviewed)), None)
    seen = reviewed.assessment
    if holds_secrets or (before is not None and before.why_asked.endswith(OUT_OF_THE_REQUEST)):
        seen = carrying_secrets(seen)
    if before is not None:
        seen = planned_again(seen, before)
    return reviewed if seen is reviewed.assessment else replace(reviewed, assessment=seen)


def planned_again(seen: Assessment, before: ToolCall) -> Assessment:
    """How a call looks now that is the same as one that a person wanted changed: never of less risk than that."""
    why = f"{SAME_AS_BEFORE} {seen.why_asked}".rstrip()
    return replace(seen, risk=max(seen.risk, before.risk, key=tuple(Risk).index), why_asked=why, each_time=True)


def _is_same(call: ToolCall, reviewed: Reviewed) -> bool:
    """Of whatever version: it is what a person reads as the same."""
    return (call.tool, call.arguments) == (reviewed.tool, reviewed.arguments)
