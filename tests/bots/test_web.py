"""The web server tells machines how it is, hands Slack's requests on, and decides nothing."""

import aiohttp
import pytest
from aiohttp import web

from bots.web.server import Mount, Probe, build_app, serve
from runtime.errors import DatabaseUnusable, SettingsError


async def fine() -> str:
    return ""


async def broken() -> str:
    raise DatabaseUnusable("The disk is full.")


async def apart() -> str:
    return "not connected since 10:00"


async def ask(probes: dict[str, Probe], path: str) -> tuple[int, object]:
    async with (
        serve(build_app(probes), "127.0.0.1", 0) as port,
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.json()


async def test_alive_means_only_that_the_process_answers() -> None:
    assert await ask({"database": broken}, "/healthz") == (200, {"status": "alive"})


async def test_ready_means_that_every_part_is() -> None:
    assert await ask({"database": fine, "slack": fine}, "/readyz") == (
        200,
        {"status": "ready", "parts": {"database": "ok", "slack": "ok"}},
    )


async def test_not_ready_says_which_part_and_why() -> None:
    assert await ask({"database": broken, "slack": apart, "terminal": fine}, "/readyz") == (
        503,
        {
            "status": "not ready",
            "parts": {"database": "The disk is full.", "slack": "not connected since 10:00", "terminal": "ok"},
        },
    )


async def test_a_platforms_endpoint_is_reached_by_post_and_by_nothing_else() -> None:
    calls: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        calls.append(await request.text())
        return web.Response(text="ok")

    app = build_app({}, [Mount(path="/slack/events", handler=handler)])
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{port}/slack/events"
        async with client.post(url, data="hello") as response:
            assert response.status == 200
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            async with client.request(method, url) as response:
                assert response.status == 405
    assert calls == ["hello"]


async def test_no_get_leads_anywhere_but_to_health() -> None:
    async def handler(_: web.Request) -> web.Response:
        raise AssertionError("nobody calls")

    app = build_app({}, [Mount(path="/slack/events", handler=handler)])
    paths = {route.resource.canonical for route in app.router.routes() if route.method == "GET" and route.resource}
    assert paths == {"/healthz", "/readyz"}


async def test_a_port_that_is_taken_is_a_wrong_setting() -> None:
    async with serve(build_app({}), "127.0.0.1", 0) as port:
        with pytest.raises(SettingsError, match="Choose another MALLARD_WEB_PORT"):
            async with serve(build_app({}), "127.0.0.1", port):
                pass
