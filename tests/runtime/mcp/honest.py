"""Servers over HTTP on this machine, and somebody who uses the one called honest."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn

from runtime.mcp.servers import Servers
from runtime.mcp.spec import ServerSpec
from runtime.records import Observation
from runtime.tools.gateway import Gateway
from runtime.tools.registry import Registry
from tests.runtime.mcp.office import FAKES, until
from tests.runtime.tools.doubles import ignore, recorded, workspace_at

Application = Callable[[Any, Any, Any], Awaitable[None]]


@asynccontextmanager
async def serving(
    application: Application, *, port: int = 0, lifespan: Literal["auto", "off"] = "auto"
) -> AsyncIterator[str]:
    """The address of an application on this machine."""
    server = uvicorn.Server(
        uvicorn.Config(
            application, port=port, lifespan=lifespan, log_level="error", ws="none", timeout_graceful_shutdown=1
        )
    )
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def working(
    spec: ServerSpec, *, first_pause: float = 0.01, patience: float = 10.0
) -> AsyncIterator[tuple[Servers, Callable[..., Awaitable[Observation]]]]:
    servers = Servers([spec], first_pause=first_pause, patience=patience)
    gateway, workspace = Gateway(Registry((), (servers,))), workspace_at(FAKES)

    async def do(name: str, **arguments: Any) -> Observation:
        reviewed = await gateway.review(f"honest.{name}", arguments, workspace)
        if reviewed.assessment.refusal:
            return Observation(ok=False, text=reviewed.assessment.refusal, error="refused")
        found = await gateway.run(recorded(reviewed), workspace, key="1", approved=True, on_output=ignore, audit=ignore)
        assert isinstance(found, Observation)
        return found

    async with servers.running():
        yield servers, do
