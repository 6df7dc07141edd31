"""The only way to run a tool: nothing runs but what was shown, and whatever happens comes back as an observation."""

from typing import Any

import orjson
from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel

from runtime.depth import MOST_LEVELS, is_deeper_than
from runtime.digest import digest_of
from runtime.masking import NOTHING_OF_OURS, Masker, holds_marks
from runtime.records import Effect, JsonObject, Observation, Risk, RunId, ToolCall, UserRef, Workspace
from runtime.tools import contained
from runtime.tools.failure import failed
from runtime.tools.output import LiveOutput, presentable
from runtime.tools.port import Assessment, Attach, LeavesProcesses, OnOutput, RecordAudit, Tool, ToolScope, drop
from runtime.tools.registry import Registry
from runtime.tools.visible import make_visible

OUT_OF_THE_REQUEST = "It uses a secret out of the request."


class Reviewed(Struct, frozen=True, kw_only=True):
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


class Stale(Struct, frozen=True, kw_only=True):
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
        assessment = await contained.assess(tool, parsed, workspace)
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
        if await contained.is_done(tool, parsed, workspace, call.target):
            return None
        now = await contained.assess(tool, parsed, workspace)
        return Stale(assessment=now) if not now.refusal and now.target != call.target and not now.unchanged else None

    async def clear_up(self, call: ToolCall) -> None:
        """End what a call, begun by a Mallard that is gone, has left running: whoever looks what came of it finds it over, and a
        repeat does not run beside it."""
        tool = self._registry.find(call.tool)
        if isinstance(tool, LeavesProcesses):
            await contained.end_orphans(tool)

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
        approved_by: UserRef | None = None,
    ) -> Observation | Stale:
        """Run a recorded call, if it still is the call that was shown.

        `approved` says that a person, a person's standing grant as it stands now, or the policy allowed it: nothing
        runs without. Raises CancelledError once the tool has cleaned up, and MallardError where `audit` raised it.
        """
        await self._registry.settle(call.tool)
        tool = self._registry.find(call.tool)
        if tool is None:
            absent = self._registry.why_absent(call.tool) or f"There is no tool called {call.tool} any more."
            return failed("unknown_tool", f"{absent} Nothing was run.")
        parsed = self._registry.parse(call.tool, dict(call.arguments))
        if isinstance(parsed, tuple) or not _is_what_was_shown(call, tool, parsed, workspace):
            return failed(
                "digest_mismatch",
                "The tool, its arguments or the workspace are not what was approved. Nothing was run.",
            )
        if secret := self._what_is_secret(call.arguments):  # a setting may have been given that value since
            return failed("refused", f"{secret} Nothing was run.")
        if not approved:
            return failed("not_approved", f"A call of {call.risk} risk needs a person's yes. Nothing was run.")
        if call.target and not await contained.is_done(tool, parsed, workspace, call.target):
            now = await contained.assess(tool, parsed, workspace)
            if now.refusal:
                return self._without_secrets(failed("refused", f"{now.refusal} Nothing was run."))
            if now.target != call.target and not now.unchanged:
                return Stale(assessment=now)
        shown = LiveOutput(on_output, self._masker)
        scope = ToolScope(
            workspace=workspace,
            key=key,
            target=call.target,
            approved_by=approved_by,
            on_output=shown.add,
            audit=audit,
            risk=call.risk,
            attach=lambda name, text: attach(self._masker.mask(name), self._masker.mask(text)),
            asked_by=asked_by,
            run_id=run_id,
        )
        observation = await contained.run(tool, parsed, scope)
        await shown.end()
        return presentable(self._without_secrets(observation), tool.output_cap)

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
        if text is observation.text and not observation.metadata:
            return observation
        return replace(observation, text=text, metadata=self._masker.mask_value(observation.metadata))

    def _refused(self, name: str, tool: Tool | None, arguments: Any, workspace: Workspace, words: str) -> Reviewed:
        """What is never run need not be kept as it was, and what is nested too deep cannot be."""
        mask = self._masker
        if is_deeper_than(MOST_LEVELS, arguments):
            arguments = {}
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
