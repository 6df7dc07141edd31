"""A keeper of one server, and a gateway over its tools, for tests that look at both."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime.mcp.keeper import Keeper
from runtime.mcp.servers import Servers
from runtime.mcp.spec import ServerSpec
from runtime.records import Observation, ToolCall
from runtime.tools.gateway import Gateway, Reviewed, Stale
from runtime.tools.registry import Registry
from tests.runtime.tools.doubles import ignore, recorded, workspace_at

FAKES = Path(__file__).parents[2] / "fakes" / "mcp"
ANYTHING = {"type": "object"}


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"Does {name}.", "inputSchema": ANYTHING} | more


class Office:
    """`rude` is the server; its stage is `folder`."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self.servers, self.folder = servers, folder
        self.registry = Registry((), (servers,))
        self.gateway = Gateway(self.registry)
        self.workspace = workspace_at(folder)
        self.shown: list[str] = []

    @property
    def keeper(self) -> Keeper:
        keeper = self.servers.find("rude")
        assert keeper is not None
        return keeper

    def offers(self, *tools: dict[str, Any]) -> None:
        """What the server lists from now on, whether it says so or not."""
        (self.folder / "tools.json").write_text(json.dumps(tools))

    async def ready(self) -> None:
        await until(lambda: self.registry.names)

    async def review(self, name: str, **arguments: Any) -> Reviewed:
        return await self.gateway.review(f"rude.{name}", arguments, self.workspace)

    async def ask(self, name: str, **arguments: Any) -> ToolCall:
        reviewed = await self.review(name, **arguments)
        assert not reviewed.assessment.refusal, reviewed.assessment.refusal
        return recorded(reviewed)

    async def run(self, call: ToolCall) -> Observation:
        found = await self.gateway.run(call, self.workspace, key="1", approved=True, on_output=self._hear, audit=ignore)
        assert not isinstance(found, Stale)
        return found

    async def do(self, name: str, **arguments: Any) -> Observation:
        return await self.run(await self.ask(name, **arguments))

    @property
    def calls(self) -> list[str]:
        """The calls that the server really ran."""
        return self._lines("calls")

    @property
    def starts(self) -> list[str]:
        """The process ids that the server has had."""
        return self._lines("starts")

    def _lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().split() if file.exists() else []

    async def _hear(self, words: str) -> None:
        self.shown.append(words)


@asynccontextmanager
async def rude(
    stage: Path, /, *tools: dict[str, Any], mode: str = "", patience: float = 10.0, **spec: Any
) -> AsyncIterator[Office]:
    """The rude server, kept by a keeper that is not patient."""
    (stage / "tools.json").write_text(json.dumps(tools))
    chosen = ServerSpec(name="rude", command=(sys.executable, "-S", str(FAKES / "rude.py"), str(stage), mode), **spec)
    servers = Servers([chosen], first_pause=0.01, patience=patience)
    async with servers.running():
        yield Office(servers, stage)


async def until(look: Callable[[], Any]) -> Any:
    """What a look finds, once it finds something."""
    async with asyncio.timeout(10):
        while not (found := look()):  # noqa: ASYNC110 -- what another process does can only be looked for
            await asyncio.sleep(0.01)
    return found


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
