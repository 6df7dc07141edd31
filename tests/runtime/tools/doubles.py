"""Tools and calls that tests make up: real implementations of the port, small enough to see through."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from pydantic import BaseModel, Field

from runtime.records import CallId, Effect, JsonObject, Observation, Risk, ToolCall, Workspace
from runtime.states import CallState
from runtime.tools.gateway import Gateway, Reviewed, Stale
from runtime.tools.port import Assessment, Tool, ToolScope
from runtime.tools.registry import Registry, ToolArguments


class EchoArguments(ToolArguments):
    text: str = Field(description="What to say.")
    times: int = Field(default=1, ge=1, le=9, description="How often.")


async def _say(arguments: EchoArguments, scope: ToolScope) -> Observation:
    return Observation(ok=True, text=arguments.text * arguments.times)


async def _harmless(arguments: EchoArguments) -> Assessment:
    return Assessment(risk=Risk.NONE)


class Echo(Struct, kw_only=True):
    """A tool that says what it was told, or does what the test puts in its place; it counts its runs."""

    name: str = "echo"
    version: str = "1"
    description: str = "Says it."
    effect: Effect = Effect.NONE
    arguments: type[BaseModel] = EchoArguments
    timeout: float = 30.0
    output_cap: int = 1_000
    does: Callable[[Any, ToolScope], Awaitable[Observation]] = _say
    judges: Callable[[Any], Awaitable[Assessment]] = _harmless
    runs: int = 0

    async def assess(self, arguments: Any, workspace: Workspace) -> Assessment:
        return await self.judges(arguments)

    async def run(self, arguments: Any, scope: ToolScope) -> Observation:
        self.runs += 1
        return await self.does(arguments, scope)


class Bench(Struct, kw_only=True):
    """A gateway with one tool and one workspace, and what it told the world."""

    tool: Tool
    workspace: Workspace
    shown: list[str] = field(default_factory=list)
    audits: list[JsonObject] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def gateway(self) -> Gateway:
        return Gateway(Registry([self.tool]))

    async def review(self, **arguments: Any) -> Reviewed:
        return await self.gateway.review(self.tool.name, arguments, self.workspace)

    async def ask(self, **arguments: Any) -> ToolCall:
        return recorded(await self.review(**arguments))

    async def run(self, call: ToolCall, *, approved: bool = True, key: str = "1") -> Observation | Stale:
        return await self.gateway.run(
            call, self.workspace, key=key, approved=approved, on_output=self._hear, audit=self._audit
        )

    async def do(self, **arguments: Any) -> Observation:
        """Review and run at once; what was refused comes back as the observation that the agent would make of it."""
        reviewed = await self.review(**arguments)
        if reviewed.assessment.refusal:
            return Observation(ok=False, text=reviewed.assessment.refusal, error="refused")
        found = await self.run(recorded(reviewed))
        assert isinstance(found, Observation)
        return found

    async def _hear(self, text: str) -> None:
        self.shown.append(text)
        self.heard.set()

    async def _audit(self, entry: JsonObject) -> None:
        self.audits.append(entry)


def workspace_at(path: Path) -> Workspace:
    return Workspace(id="main", path=str(path.resolve()))


def recorded(reviewed: Reviewed, **changes: Any) -> ToolCall:
    """The call as the record would hold it, ready to run: once it was approved, where it asks."""
    was_asked = reviewed.assessment.risk not in (Risk.NONE, Risk.LOW)
    found: dict[str, Any] = {
        "id": CallId(1),
        "number": 1,
        "tool": reviewed.tool,
        "version": reviewed.version,
        "arguments": reviewed.arguments,
        "digest": reviewed.digest,
        "effect": reviewed.effect,
        "risk": reviewed.assessment.risk,
        "reason": "because",
        "preview": reviewed.assessment.preview,
        "target": reviewed.assessment.target if was_asked else "",
        "state": CallState.READY,
    }
    return ToolCall(**(found | changes))


async def ignore(anything: Any) -> None:
    return None
