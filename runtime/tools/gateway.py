"""The only way to run a tool: nothing runs but what was shown, and whatever happens comes back as an observation."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

import orjson
from pydantic import BaseModel

from runtime.digest import digest_of
from runtime.errors import MallardError
from runtime.masking import NOTHING_OF_OURS, Chunks, Masker, holds_marks
from runtime.records import Effect, JsonObject, Observation, Risk, RunId, ToolCall, UserRef, Workspace
from runtime.tools.failure import ToolFailed
from runtime.tools.port import Assessment, Attach, OnOutput, Recognises, RecordAudit, Tool, ToolScope, drop
from runtime.tools.registry import Registry
from runtime.tools.visible import make_visible, shorten

_LOG = logging.getLogger(__name__)
_ASSESS_SECONDS = 20.0
OUT_OF_THE_REQUEST = "It uses a secret out of the request."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A call as it would be recorded. `arguments` are plain JSON with every default written out.

    A call that can never run has a `refusal` in its assessment; it carries a digest all the same.
    """

    tool: str
    version: str
    arguments: JsonObject
    digest: str
    effect: Effect
    assessment: Assessment


def carrying_secrets(seen: Assessment) -> Assessment:
    """The same of a call that uses a secret that a person wrote: it never runs unasked."""
    risk = Risk.MEDIUM if seen.risk in (Risk.NONE, Risk.LOW) else seen.risk
    why = " ".join(filter(None, (seen.why_asked, OUT_OF_THE_REQUEST)))
    return replace(seen, risk=risk, why_asked=why, each_time=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Nothing was run: what the call would change is not what was shown. `assessment` is how it looks now."""

    assessment: Assessment


class Gateway:
    """`masker` goes over what tools return, and knows the values of our own settings, which no call may carry."""

    def __init__(self, registry: Registry, masker: Masker = NOTHING_OF_OURS) -> None:
        self._registry = registry
        self._masker = masker

    async def review(self, tool_name: str, arguments: Any, workspace: Workspace) -> Reviewed:
        """Say what a call is and how risky, without running it. Never raises for what a planner or a tool did wrong."""
        await self._registry.settle(tool_name)
        tool = self._registry.find(tool_name)
        parsed = self._registry.parse(tool_name, arguments)
        if tool is None or isinstance(parsed, tuple):
            words = " ".join(parsed) if isinstance(parsed, tuple) else ""
            return self._refused(tool_name, tool, arguments, workspace, words)
        plain = _plain(parsed)
        if secret := self._what_is_secret(plain):
            return self._refused(tool_name, tool, plain, workspace, secret)
        try:
            digest = digest_of(tool.name, tool.version, plain, workspace)
        except ValueError as error:
            return self._refused(tool_name, tool, plain, workspace, str(error))
        assessment = await _assess(tool, parsed, workspace)
        return Reviewed(
            tool=tool.name,
            version=tool.version,
            arguments=plain,
            digest=digest,
            effect=assessment.effect or tool.effect,
            assessment=assessment,
        )

    async def check(self, call: ToolCall, workspace: Workspace) -> Stale | None:
        """Whether what a call would change is no longer what was shown. To be asked before the call is started."""
        tool, parsed = self._registry.find(call.tool), self._registry.parse(call.tool, dict(call.arguments))
        if tool is None or isinstance(parsed, tuple) or not call.target:
            return None  # nothing to compare: `run` refuses what is no longer a call
        if not _is_what_was_shown(call, tool, parsed, workspace):
            return None  # nor what was tampered with: asking anew would be showing it
        if await _is_done(tool, parsed, workspace, call.target):
            return None
        now = await _assess(tool, parsed, workspace)
        return Stale(assessment=now) if not now.refusal and now.target != call.target and not now.unchanged else None

    async def run(
        self,
        call: ToolCall,
        workspace: Workspace,
        *,
        key: str,
        approved: bool,
        on_output: OnOutput,
        audit: RecordAudit,
        attach: Attach = drop,
        asked_by: UserRef | None = None,
        run_id: RunId | None = None,
    ) -> Observation | Stale:
        """Run a recorded call, if it still is the call that was shown.

        `approved` says that a person, a person's standing grant as it stands now, or the policy allowed it: nothing
        runs without. Raises CancelledError once the tool has cleaned up, and MallardError where `audit` raised it.
        """
        await self._registry.settle(call.tool)
        tool = self._registry.find(call.tool)
        if tool is None:
            absent = self._registry.why_absent(call.tool) or f"There is no tool called {call.tool} any more."
            return _failed("unknown_tool", f"{absent} Nothing was run.")
        parsed = self._registry.parse(call.tool, dict(call.arguments))
        if isinstance(parsed, tuple) or not _is_what_was_shown(call, tool, parsed, workspace):
            return _failed(
                "digest_mismatch",
                "The tool, its arguments or the workspace are not what was approved. Nothing was run.",
            )
        if secret := self._what_is_secret(call.arguments):  # a setting may have been given that value since
            return _failed("refused", f"{secret} Nothing was run.")
        if not approved:
            return _failed("not_approved", f"A call of {call.risk} risk needs a person's yes. Nothing was run.")
        if call.target and not await _is_done(tool, parsed, workspace, call.target):
            now = await _assess(tool, parsed, workspace)
            if now.refusal:
                return self._without_secrets(_failed("refused", f"{now.refusal} Nothing was run."))
            if now.target != call.target and not now.unchanged:
                return Stale(assessment=now)
        shown = _Shown(on_output, self._masker)
        scope = ToolScope(
            workspace=workspace,
            key=key,
            target=call.target,
            on_output=shown.add,
            audit=audit,
            risk=call.risk,
            attach=lambda name, text: attach(self._masker.mask(name), self._masker.mask(text)),
            asked_by=asked_by,
            run_id=run_id,
        )
        observation = await _run(tool, parsed, scope)
        await shown.end()
        return _presentable(self._without_secrets(observation), tool.output_cap)

    def _what_is_secret(self, arguments: JsonObject) -> str:
        """Why arguments can never be used, in words that give nothing away; "" where they can."""
        if setting := self._masker.find_ours(arguments):
            return (
                f"It holds the value of {setting}, a secret of this installation's own: no call may carry that anywhere, "
                "and nobody can allow it."
            )
        if holds_marks(arguments):
            return (
                "It holds dots that stand in the place of a secret, and the secret itself is not known here: only one that "
                "stands in the request that is being worked on can be used. Leave that part out, or ask for it."
            )
        return ""

    def _without_secrets(self, observation: Observation) -> Observation:
        text = self._masker.mask(observation.text)
        metadata = self._masker.mask_value(observation.metadata) if observation.metadata else observation.metadata
        return replace(observation, text=text, metadata=metadata)

    def _refused(self, name: str, tool: Tool | None, arguments: Any, workspace: Workspace, words: str) -> Reviewed:
        """What is never run need not be kept as it was."""
        mask = self._masker
        return _refused(mask.mask(name), tool, mask.mask_value(arguments), workspace, mask.mask(words))


def _refused(name: str, tool: Tool | None, arguments: Any, workspace: Workspace, words: str) -> Reviewed:
    version = tool.version if tool else ""
    plain = arguments if isinstance(arguments, dict) else {"arguments": arguments}
    try:
        digest = digest_of(name, version, plain, workspace)
    except ValueError:
        # The record must be able to hold it: arguments that JSON cannot carry are kept as the text they looked like.
        plain = {"as_text": make_visible(repr(arguments))}
        digest = digest_of(make_visible(name), version, plain, workspace)
    return Reviewed(
        tool=make_visible(name),
        version=version,
        arguments=plain,
        digest=digest,
        effect=tool.effect if tool else Effect.NONE,
        assessment=Assessment(risk=Risk.CRITICAL, refusal=make_visible(words)),
    )


def _is_what_was_shown(call: ToolCall, tool: Tool, parsed: BaseModel, workspace: Workspace) -> bool:
    """The digest, made anew from what would run: the registered version, the arguments as the tool will read them."""
    read = _plain(parsed)
    try:
        stored = digest_of(call.tool, tool.version, call.arguments, workspace)
        same = stored if _is_same(read, call.arguments) else digest_of(call.tool, tool.version, read, workspace)
    except ValueError:
        return False
    return call.digest == stored == same


def _is_same(one: JsonObject, other: JsonObject) -> bool:
    """Whether two values are written alike: Python calls 1, 1.0 and True equal, JSON does not."""
    try:
        return _written(one) == _written(other)
    except orjson.JSONEncodeError:
        return False


def _written(value: JsonObject) -> bytes:
    return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS)


def _plain(parsed: BaseModel) -> dict[str, Any]:
    return parsed.model_dump(mode="json", by_alias=True)


async def _assess(tool: Tool, parsed: BaseModel, workspace: Workspace) -> Assessment:
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


async def _is_done(tool: Tool, parsed: BaseModel, workspace: Workspace, target: str) -> bool:
    """Whether the call took effect before. A tool that cannot say has not said so."""
    if not isinstance(tool, Recognises):
        return False
    try:
        async with asyncio.timeout(_ASSESS_SECONDS):
            return await tool.is_done(parsed, workspace, target)
    except Exception as error:
        _LOG.info("%s could not look whether it was done: %s", tool.name, error)
        return False


async def _run(tool: Tool, parsed: BaseModel, scope: ToolScope) -> Observation:
    limit = asyncio.timeout(tool.timeout)
    try:
        async with limit:
            return await tool.run(parsed, scope)
    except MallardError:
        raise  # not the tool's failure: the record could not be written, or the run belongs to another worker now
    except Exception as error:
        if limit.expired():
            return _failed("timed_out", f"{tool.name} was not done after {tool.timeout:g} seconds and was stopped.")
        code = error.code if isinstance(error, ToolFailed) else "failed"
        return _failed(code, _words(tool, error, "failed"))


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


def _failed(code: str, text: str) -> Observation:
    return Observation(ok=False, text=text, error=code)


def _presentable(observation: Observation, cap: int) -> Observation:
    """Only characters that people can see, and no more of them than the cap."""
    text, left_out = shorten(make_visible(observation.text.replace("\r\n", "\n")), cap)
    if text == observation.text and not left_out:
        return observation
    metadata = {**observation.metadata, "left_out": left_out} if left_out else observation.metadata
    return replace(observation, text=text, metadata=metadata)


class _Shown:
    """Output on its way to people while a tool runs: without secrets, and it never decides whether the tool runs."""

    def __init__(self, on_output: OnOutput, masker: Masker) -> None:
        self._on_output = on_output
        self._chunks = Chunks(masker)

    async def add(self, text: str) -> None:
        await self._tell(self._chunks.add(text))

    async def end(self) -> None:
        await self._tell(self._chunks.end())

    async def _tell(self, text: str) -> None:
        try:
            if text:
                await self._on_output(text)
        except Exception:
            _LOG.warning("showing a tool's output failed", exc_info=True)
