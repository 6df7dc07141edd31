"""A server over HTTP that is not there, goes away, or comes back."""

import asyncio
from itertools import count
from typing import Any

from runtime.mcp.look import look_at
from runtime.mcp.servers import Servers
from runtime.mcp.spec import ServerSpec
from tests.fakes.mcp.honest import make_server
from tests.runtime.mcp.honest import serving, working

NOBODY = "http://127.0.0.1:9/mcp"


async def test_over_http_nobody_there_is_a_server_that_is_away() -> None:
    sight = await look_at(ServerSpec(name="honest", url=NOBODY))

    assert sight.why_away.startswith("ConnectError")


async def test_it_is_left_at_any_moment_of_a_failing_attempt() -> None:
    servers = Servers([ServerSpec(name="honest", url=NOBODY)], first_pause=60)
    async with servers.running():
        await servers.settle()  # what takes a thread is imported by now
    for turns in range(0, 120, 2):
        async with asyncio.timeout(10), servers.running():
            for _ in range(turns):
                await asyncio.sleep(0)


async def test_a_look_is_left_at_any_moment_too() -> None:
    await look_at(ServerSpec(name="honest", url=NOBODY))  # what takes a thread is imported by now
    for turns in range(40):
        looking = asyncio.create_task(look_at(ServerSpec(name="honest", url=NOBODY)))
        for _ in range(turns):
            await asyncio.sleep(0)
        if looking.cancel():
            await asyncio.wait({looking})
            assert looking.cancelled(), turns


async def test_who_asks_in_a_long_pause_is_told_of_the_next_attempt_and_waits_for_no_other() -> None:
    async with working(ServerSpec(name="honest", url=NOBODY), first_pause=60, patience=60) as (servers, do):
        await servers.settle()
        async with asyncio.timeout(20):
            found = await do("add", a=1, b=1)

    assert "is away: ConnectError" in found.text


async def test_over_http_a_server_that_went_away_and_came_back_is_found_again() -> None:
    async with serving(make_server().streamable_http_app()) as url:
        port = int(url.split(":")[2].split("/")[0])
        spec = ServerSpec(name="honest", url=url)
    async with working(spec) as (_, do):
        away = await do("add", a=1, b=1)
        async with serving(make_server().streamable_http_app(), port=port):
            here = await do("add", a=1, b=2)
        gone = await do("add", a=1, b=3)
        async with serving(make_server().streamable_http_app(), port=port):
            back = await do("add", a=1, b=4)

    assert [away.ok, here.ok, gone.ok, back.ok] == [False, True, False, True], back.text
    assert "which is away: ConnectError" in away.text
    assert "The MCP server honest is away" in gone.text
    assert "Nothing was run." in gone.text


async def test_over_http_an_attempt_that_missed_a_server_by_a_moment_does_not_count_for_who_asks_now() -> None:
    application = make_server().streamable_http_app()
    requests, begun, comes = count(1), asyncio.Event(), asyncio.Event()

    async def coming(scope: Any, receive: Any, send: Any) -> None:
        if comes.is_set():
            await application(scope, receive, send)
            return
        if next(requests) == 2:
            begun.set()
            await comes.wait()
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b"not yet"})

    async with (
        application.router.lifespan_context(application),
        serving(coming, lifespan="off") as url,
        working(ServerSpec(name="honest", url=url)) as (_, do),
    ):
        await begun.wait()
        asked = asyncio.ensure_future(do("add", a=1, b=2))
        await asyncio.sleep(0)  # it waits by now
        comes.set()
        found = await asked

    assert found.ok, found.text
