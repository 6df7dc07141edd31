"""Servers as the SDK makes them, over their own pipes and over HTTP on this machine."""

import asyncio
import sys
from typing import Any

import pytest

from runtime.mcp.look import look_at
from runtime.mcp.spec import ServerSpec
from tests.fakes.mcp.honest import make_server
from tests.runtime.mcp.honest import Application, serving, working
from tests.runtime.mcp.office import FAKES, until

KEY = "Bearer sesame-1234"
"""What the server over HTTP wants to be told."""


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
