"""All servers of an installation, as one source of tools."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runtime.mcp.spec import ServerSpec
from runtime.tools.port import Tool

if TYPE_CHECKING:
    from runtime.mcp.keeper import Keeper


class Servers:
    """The servers that the settings name. They run inside `running()`, and their tools are `name.tool`."""

    def __init__(self, specs: Iterable[ServerSpec], *, first_pause: float = 1.0, patience: float = 10.0) -> None:
        self._keepers = {spec.name: _keeper_of(spec, first_pause, patience) for spec in specs}
        self._parts: tuple[tuple[Tool, ...], ...] = ()
        self._tools: tuple[Tool, ...] = ()
        self._is_running = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start them in the background, and leave nothing of them at the end."""
        if not self._keepers:
            yield
            return
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(keeper.keep(), name=f"mcp server {name}") for name, keeper in self._keepers.items()
            ]
            self._is_running = True
            try:
                yield
            finally:
                self._is_running = False
                for task in tasks:
                    task.cancel()

    def find(self, name: str) -> "Keeper | None":
        return self._keepers.get(name)

    def tools(self) -> tuple[Tool, ...]:
        parts = tuple(keeper.tools for keeper in self._keepers.values())
        if any(new is not known for new, known in zip(parts, self._parts or ((),) * len(parts), strict=True)):
            self._parts, self._tools = parts, tuple(tool for part in parts for tool in part)
        return self._tools

    async def settle(self, name: str = "") -> None:
        if not self._is_running:
            return None
        if name:
            owner = self._owner_of(name)
            return await owner.settle_for_one() if owner else None
        await asyncio.gather(*(keeper.settle() for keeper in self._keepers.values()))
        return None

    def why_absent(self, name: str) -> str:
        keeper = self._owner_of(name)
        if keeper is None:
            return ""
        if keeper.why_away:
            return f"{name} would be a tool of the MCP server {keeper.spec.name}, which is away: {keeper.why_away}."
        return f"The MCP server {keeper.spec.name} has no tool {name.partition('.')[2]!r}, or none that can be used."

    def _owner_of(self, tool: str) -> "Keeper | None":
        server, dot, _ = tool.partition(".")
        return self._keepers.get(server) if dot else None


def _keeper_of(spec: ServerSpec, first_pause: float, patience: float) -> "Keeper":
    from runtime.mcp.keeper import Keeper  # where there is no server, nothing of this is loaded

    return Keeper(spec, first_pause=first_pause, patience=patience)
