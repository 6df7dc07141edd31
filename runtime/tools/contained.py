"""Asking a tool, with whatever goes wrong in it contained: a fault of a tool is words, and never an exception."""

import asyncio
import logging

from msgspec.structs import replace
from pydantic import BaseModel

from runtime.errors import MallardError
from runtime.records import Observation, Risk, Workspace
from runtime.tools.failure import ToolFailed, failed
from runtime.tools.port import Assessment, LeavesProcesses, Recognises, Tool, ToolScope
from runtime.tools.visible import make_visible

_LOG = logging.getLogger(__name__)
_ASSESS_SECONDS = 20.0


async def assess(tool: Tool, parsed: BaseModel, workspace: Workspace) -> Assessment:
    """The tool's judgement; one that it cannot give is a refusal."""
    try:
        async with asyncio.timeout(_ASSESS_SECONDS):
            found = await tool.assess(parsed, workspace)
    except Exception as error:
        words = _words(tool, error, "could not look at what it would do")
        return Assessment(risk=Risk.CRITICAL, refusal=make_visible(words))
    shown = (found.why_asked, found.preview, found.refusal)
    visible = why_asked, preview, refusal = tuple(map(make_visible, shown))
    return found if visible == shown else replace(found, why_asked=why_asked, preview=preview, refusal=refusal)


async def is_done(tool: Tool, parsed: BaseModel, workspace: Workspace, target: str) -> bool:
    """Whether the call took effect before. A tool that cannot say has not said so."""
    if not isinstance(tool, Recognises):
        return False
    try:
        async with asyncio.timeout(_ASSESS_SECONDS):
            return await tool.is_done(parsed, workspace, target)
    except Exception as error:
        _LOG.info("%s could not look whether it was done: %s", tool.name, error)
        return False


async def end_orphans(tool: LeavesProcesses) -> None:
    """Where it cannot, the call is looked into all the same."""
    try:
        async with asyncio.timeout(_ASSESS_SECONDS):
            await tool.end_orphans()
    except Exception:
        _LOG.exception("what an interrupted call left running could not be ended")


async def run(tool: Tool, parsed: BaseModel, scope: ToolScope) -> Observation:
    """What the tool observes, or how it failed. Raises MallardError where the record did, and CancelledError."""
    limit = asyncio.timeout(tool.timeout)
    try:
        async with limit:
            return await tool.run(parsed, scope)
    except MallardError:
        raise  # not the tool's failure: the record could not be written, or the run belongs to another worker now
    except Exception as error:
        if limit.expired():
            return failed("timed_out", f"{tool.name} was not done after {tool.timeout:g} seconds and was stopped.")
        code = error.code if isinstance(error, ToolFailed) else "failed"
        return failed(code, _words(tool, error, "failed"))


def _words(tool: Tool, error: Exception, what: str) -> str:
    """What to say of an exception; only one that the tool did not foresee is logged with its traceback."""
    match error:
        case ToolFailed():
            return str(error)
        case OSError(strerror=str(reason)):
            _LOG.info("%s %s: %s", tool.name, what, error)
            return f"{tool.name} {what}: {reason}."
        case _:
            _LOG.error("%s %s", tool.name, what, exc_info=error)
            return f"{tool.name} {what} because of a fault of its own ({type(error).__name__})."
