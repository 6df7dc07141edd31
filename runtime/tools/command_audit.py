"""The record of a command: one entry for each, whether it ran or not."""

import logging

from runtime.facts import EventType, Fact
from runtime.records import JsonObject, ToolCall
from runtime.tools.course import Course
from runtime.tools.port import ToolScope
from runtime.tools.uninterrupted import to_the_end

COMMAND_TOOL = "shell_exec_safe"

_LOG = logging.getLogger(__name__)


async def audit(entry: JsonObject, scope: ToolScope, course: Course) -> None:
    """Say what was run, once and to the end; where it was stopped, that outweighs a record that cannot be written."""
    whole = {
        **entry,
        "cwd": scope.workspace.path,
        "returncode": course.returncode,
        "duration_ms": course.duration_ms,
        "timed_out": course.timed_out,
        "stopped": course.stopped,
        "would_not_end": course.would_not_end,
        "error": course.error,
        "max_rss_kb": course.usage.max_rss_kb if course.usage else 0,
        "cpu_ms": course.usage.cpu_ms if course.usage else 0,
    }
    try:
        await to_the_end(scope.audit(whole))
    except Exception:
        if not course.stopped:
            raise
        _LOG.warning("the audit of a stopped command was not recorded", exc_info=True)


def audit_of_unrun(call: ToolCall, *, reason: str) -> tuple[Fact, ...]:
    """The entry of a command that people or the policy did not let run; nothing for other calls."""
    if call.tool != COMMAND_TOOL:
        return ()
    body = {
        "call": call.id,
        "digest": call.digest,
        "command": str(call.arguments.get("command", "")),
        "ran": False,
        "risk": call.risk,
        "verdict": call.state,
        "denied_by": call.denial.by if call.denial else "",
        "reason": reason,
    }
    return (Fact(EventType.COMMAND_AUDIT, body),)
