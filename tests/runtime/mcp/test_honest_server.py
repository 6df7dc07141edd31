"""Servers as the SDK makes them, over their own pipes and over HTTP on this machine."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Literal

import pytest
import uvicorn

from runtime.mcp.look import look_at
from runtime.mcp.servers import Servers
from runtime.mcp.spec import ServerSpec
from runtime.records import Observation
from runtime.tools.gateway import Gateway
from runtime.tools.registry import Registry
from tests.fakes.mcp.honest import make_server
from tests.runtime.mcp.office import FAKES, until
from tests.runtime.tools.doubles import ignore, recorded, workspace_at

Application = Callable[[Any, Any, Any], Awaitable[None]]
NOBODY = "http://127.0.0.1:9/mcp"
KEY = "Bearer sesame-1234"
"""What the server over HTTP wants to be told."""


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def over_pipes() -> ServerSpec:
    return ServerSpec(name="honest", command=(sys.executable, str(FAKES / "honest.py")))


def guarded(application: Application) -> Application:
    """Only for those who bring the key."""

    async def guard(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and headers.get(b"authorization") != KEY.encode():
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
        else:
            await application(scope, receive, send)

    return guard


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


async def test_over_pipes_its_tools_work_and_its_news_are_heard() -> None:
    async with working(over_pipes()) as (servers, do):
        added = await do("add", a=2, b=3)
        learnt = await do("learn")
        await until(lambda: "honest.sing" in [tool.name for tool in servers.tools()])
        sung = await do("sing", verse=2)

    assert (added.ok, added.text) == (True, '{\n  "total": 5\n}')
    assert learnt.text == "learnt"
    assert sung.text == "la 2"


@pytest.mark.parametrize("as_json", [False, True])
async def test_over_http_its_tools_work_and_its_news_are_heard(as_json: bool) -> None:
    application = guarded(make_server().streamable_http_app(json_response=as_json))
    async with (
        serving(application) as url,
        working(ServerSpec(name="honest", url=url, headers={"Authorization": KEY})) as (servers, do),
    ):
        added = await do("add", a=2, b=3)
        learnt = await do("learn")
        if not as_json:
            await until(lambda: "honest.sing" in [tool.name for tool in servers.tools()])

    assert (added.ok, added.text) == (True, '{\n  "total": 5\n}')
    assert learnt.text == "learnt"


async def test_over_http_a_wrong_key_is_a_server_that_is_away() -> None:
    async with serving(guarded(make_server().streamable_http_app())) as url:
        sight = await look_at(ServerSpec(name="honest", url=url, headers={"Authorization": "Bearer wrong"}))

    assert sight.why_away == "it answered: Server returned an error response (HTTP 401)"


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


async def test_over_http_a_session_that_the_server_forgot_is_opened_anew() -> None:
    forgets = asyncio.Event()
    first, second = make_server().streamable_http_app(), make_server().streamable_http_app()

    async def either(scope: Any, receive: Any, send: Any) -> None:
        await (second if forgets.is_set() else first)(scope, receive, send)

    async with (
        first.router.lifespan_context(first),
        second.router.lifespan_context(second),
        serving(either, lifespan="off") as url,
        working(ServerSpec(name="honest", url=url)) as (_, do),
    ):
        before = await do("add", a=1, b=1)
        forgets.set()
        after = await do("add", a=1, b=2)

    assert (before.ok, after.ok) == (True, True)


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


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """A server that answers everything with more than anybody wants to read."""
    await send({
        "type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")],
    })  # fmt: skip
    for _ in range(6):
        await send({"type": "http.response.body", "body": b" " * (1 << 20), "more_body": True})
    await send({"type": "http.response.body", "body": b"{}"})


async def test_over_http_an_answer_without_end_is_not_read() -> None:
    async with serving(answering) as url:
        sight = await look_at(ServerSpec(name="honest", url=url))

    assert "the answer has more than 4 MB" in sight.why_away


async def test_over_http_keys_do_not_follow_a_redirect_to_another_host() -> None:
    heard: list[Any] = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        heard.append(scope)
        await answering(scope, receive, send)

    async with serving(elsewhere) as other:

        async def redirecting(scope: Any, receive: Any, send: Any) -> None:
            headers = [(b"location", other.encode())]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

        async with serving(redirecting) as url:
            sight = await look_at(ServerSpec(name="honest", url=url, headers={"Authorization": KEY}))

    assert "not followed" in sight.why_away
    assert [scope for scope in heard if scope["type"] == "http"] == []


async def test_a_look_tells_who_it_is_and_what_it_offers() -> None:
    sight = await look_at(over_pipes())

    assert sight.introduction.startswith("honest 3.1, protocol ")
    assert [offer.name for offer in sight.listing.offers] == ["add", "wipe", "learn"]
