"""A call as the policy sees it, whether it is only planned or on record."""

from msgspec import Struct

from runtime.records import Effect, JsonObject, Risk, Run, ToolCall
from runtime.taint import taint_of
from runtime.tools.gateway import Reviewed


class Intent(Struct, frozen=True, kw_only=True):
    """What somebody may have to say yes to. `taint` says why it has to be asked whatever allows it, "" otherwise;
    `each_time` says that it has to be, for a reason that its card gives."""

    tool: str
    version: str
    arguments: JsonObject
    digest: str
    effect: Effect
    risk: Risk
    taint: str = ""
    each_time: bool = False


def planned(reviewed: Reviewed, run: Run) -> Intent:
    """A call that would be the run's next."""
    return Intent(
        tool=reviewed.tool,
        version=reviewed.version,
        arguments=reviewed.arguments,
        digest=reviewed.digest,
        effect=reviewed.effect,
        risk=reviewed.assessment.risk,
        taint=taint_of(run) if reviewed.assessment.sends_out else "",
        each_time=reviewed.assessment.each_time,
    )


def recorded(call: ToolCall, run: Run) -> Intent:
    """A call of the run, as things stand after what came before it."""
    return Intent(
        tool=call.tool,
        version=call.version,
        arguments=call.arguments,
        digest=call.digest,
        effect=call.effect,
        risk=call.risk,
        taint=taint_of(run, before=call.id) if call.sends_out else "",
        each_time=call.each_time,
    )
