"""A language model on this machine is found, and whatever else listens there is not taken for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from runtime.models.detect import Found, find_local_endpoints
from tests.fakes.model import ScriptedEndpoint


@asynccontextmanager
async def serving(status: int, body: bytes, kind: str = "application/json") -> AsyncIterator[int]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type=kind)

    app = web.Application()
    app.router.add_get("/{anything:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def test_every_server_that_answers_is_found_with_its_models_in_the_order_of_the_ports() -> None:
    async with (
        ScriptedEndpoint([], models=["duck-1", "duck-2"]) as one,
        ScriptedEndpoint([], models=[]) as other,
        ScriptedEndpoint([]) as gone,
    ):
        await gone.__aexit__(None, None, None)
        found = await find_local_endpoints((other.port, gone.port, one.port))
    assert found == (
        Found(base_url=f"http://localhost:{other.port}/v1", models=()),
        Found(base_url=f"http://localhost:{one.port}/v1", models=("duck-1", "duck-2")),
    )


async def test_a_server_that_wants_a_key_is_found_too() -> None:
    async with serving(401, b'{"error": {"message": "no key"}}') as port:
        assert await find_local_endpoints((port,)) == (Found(base_url=f"http://localhost:{port}/v1", models=()),)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>A router</html>"),
        (200, b"[1]"),
        (200, b'{"data": "no list"}'),
        (404, b'{"error": "not here"}'),
        (302, b"{}"),
        (401, b"{}"),
        (200, b'{"data": ["' + b"x" * 2_000_000 + b'"]}'),
    ],
)
async def test_what_is_no_model_server_is_passed_over(status: int, body: bytes) -> None:
    async with serving(status, body) as port:
        assert await find_local_endpoints((port,)) == ()


@pytest.mark.parametrize("drop", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_a_port_that_speaks_something_else_or_nothing_holds_nobody_up(drop: bytes) -> None:
    released, served = asyncio.Event(), list["asyncio.Task[None]"]()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.append(task)
        while not released.is_set():
            writer.write(drop)
            with suppress(TimeoutError):
                await asyncio.wait_for(released.wait(), 0.01)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(dripping, "127.0.0.1", 0)
    async with server, asyncio.timeout(5):
        port = server.sockets[0].getsockname()[1]
        assert await find_local_endpoints((port,) * 5, timeout_s=0.1) == ()
        released.set()
        await asyncio.gather(*served)
