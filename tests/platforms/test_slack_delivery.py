"""How the loopback Slack delivers: acks, redelivery, sockets that come and go, signed HTTP; to the real clients."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.fakes.capture import capture_for, capture_to
from tests.fakes.slack import BOT, Slack
from tests.fakes.slack.boltapp import Pond, bolt_app, pond_with_app, web_client


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_app(capture=capture_for(request.config, "slack")) as pond:
        yield pond


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    async with Slack(capture=capture_for(request.config, "slack")) as slack:
        yield slack


class Forgetful:
    """A client that acks only from its nth envelope on."""

    def __init__(self, slack: Slack, *, forgets: int) -> None:
        self.requests: list[SocketModeRequest] = []
        self._slack = slack
        self._forgets = forgets
        self.client = SocketModeClient(slack.app_token, web_client=web_client(slack), ping_interval=0.1)
        self.client.socket_mode_request_listeners.append(self._hear)

    async def _hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.requests.append(request)
        self._slack.pulse.beat()
        if len(self.requests) > self._forgets:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


@asynccontextmanager
async def forgetful(slack: Slack, *, forgets: int) -> AsyncIterator[Forgetful]:
    app = Forgetful(slack, forgets=forgets)
    await app.client.connect()
    await slack.connected()
    try:
        yield app
    finally:
        await app.client.close()


async def test_an_unacked_event_comes_again_as_the_same_event(slack: Slack) -> None:
    slack.socket.ack_deadline = 0.05
    async with forgetful(slack, forgets=2) as app:
        await slack.person("UALICE").dms("hello?")
        await slack.events.settled()
        assert [request.retry_attempt for request in app.requests] == [0, 1, 2]
        assert [request.retry_reason for request in app.requests] == ["", "timeout", "timeout"]
        assert len({request.payload["event_id"] for request in app.requests}) == 1
        assert len({request.envelope_id for request in app.requests}) == 3
        assert [receipt.acked for receipt in slack.events.receipts] == [False, False, True]


async def test_after_four_attempts_an_event_is_lost(slack: Slack) -> None:
    slack.socket.ack_deadline = 0.02
    slack.events.retry_delays = (0.0, 0.0, 0.0)
    async with forgetful(slack, forgets=99) as app:
        await slack.person("UALICE").dms("hello?")
        await slack.events.settled()
        assert len(app.requests) == 4
        assert [envelope.about for envelope in slack.events.lost] == ["message"]


async def test_a_click_that_is_not_acked_is_not_sent_again(slack: Slack) -> None:
    slack.socket.ack_deadline = 0.05
    async with forgetful(slack, forgets=99) as app:
        receipt = await slack.person("UALICE").slash("/mallard")
        assert (receipt.acked, receipt.failure, len(app.requests)) == (False, "timeout", 1)


async def test_an_ack_is_recorded_with_its_time(pond: Pond) -> None:
    release = asyncio.Event()

    @pond.app.event("message")
    async def slow() -> None:
        await release.wait()

    await pond.alice.dms("take your time")
    await pond.slack.events.settled()
    [ack] = pond.slack.socket.acks
    assert ack.took < 1
    assert not ack.late
    release.set()


async def test_copies_late_ones_and_the_wrong_order(pond: Pond) -> None:
    heard: list[str] = []

    @pond.app.event("message")
    async def listen(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    pond.slack.events.copies = 3
    await pond.alice.dms("thrice")
    await pond.slack.until(lambda: heard == ["thrice"] * 3)
    pond.slack.events.copies = 1

    pond.slack.events.hold()
    await pond.alice.dms("one")
    await pond.alice.dms("two")
    await pond.slack.events.release(backwards=True)
    await pond.slack.until(lambda: heard[3:] == ["two", "one"])

    first = pond.slack.events.sent[0].event_id
    assert first is not None
    await pond.slack.events.redeliver(first, attempt=3)
    await pond.slack.until(lambda: heard[5:] == ["thrice"])


async def test_while_the_app_is_away_events_wait_and_clicks_are_lost(slack: Slack) -> None:
    alice = slack.person("UALICE")
    await alice.dms("waits")
    assert not (await alice.slash("/mallard", "gone")).acked
    async with forgetful(slack, forgets=0) as app:
        await slack.until(lambda: slack.events.receipts)
        assert [request.payload["event"]["text"] for request in app.requests] == ["waits"]


async def test_slack_gives_up_on_what_it_held(slack: Slack) -> None:
    await slack.person("UALICE").dms("nobody home")
    assert [envelope.about for envelope in slack.events.lose()] == ["message"]
    async with forgetful(slack, forgets=0) as app:
        await slack.events.settled()
        assert app.requests == []


async def test_a_dropped_line_is_reconnected_and_the_event_sent_again(slack: Slack) -> None:
    async with forgetful(slack, forgets=1) as app:
        await slack.person("UALICE").dms("hello?")
        await slack.until(lambda: app.requests)
        slack.socket.drop()
        await slack.until(lambda: slack.events.receipts and slack.events.receipts[-1].acked)
        assert [request.retry_attempt for request in app.requests] == [0, 1]
        assert slack.socket.opened == 2


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_refresh_moves_the_app_to_a_new_socket(pond: Pond, reason: Any) -> None:
    await pond.slack.socket.disconnect(reason)
    await pond.slack.until(lambda: pond.slack.socket.opened == 2)
    assert len(pond.slack.record.calls_of("apps.connections.open")) == 2


async def test_a_ticket_is_good_once(pond: Pond) -> None:
    pond.slack.socket.refuse_handshakes(2)
    pond.slack.socket.drop()
    await pond.slack.until(lambda: len(pond.slack.socket.refused) >= 3)
    assert len(set(pond.slack.socket.refused)) == 1  # the SDK tries one stale ticket over and over
    pond.handler.client.wss_uri = None
    await pond.slack.connected()


async def test_two_sockets_share_the_events(pond: Pond) -> None:
    second = AsyncSocketModeHandler(pond.app, pond.slack.app_token, ping_interval=0.1)
    await second.connect_async()
    await pond.slack.connected(2)
    for number in range(4):
        await pond.alice.dms(str(number))
    await pond.slack.events.settled()
    assert {ack.socket for ack in pond.slack.socket.acks} == {1, 2}
    await second.close_async()
    await pond.slack.until(lambda: len(pond.slack.socket.sockets) == 1)


async def test_a_disabled_link_refuses_connections_until_it_is_enabled(pond: Pond) -> None:
    await pond.slack.socket.disconnect("link_disabled")
    await pond.slack.until(lambda: "link_disabled" in str(pond.slack.record.answers))
    pond.slack.socket.link_enabled = True
    await pond.slack.connected()


async def test_http_mode_is_signed_and_a_wrong_signature_refused(request: pytest.FixtureRequest) -> None:
    async with Slack(capture=capture_for(request.config, "slack")) as slack:
        heard: list[str] = []
        app = bolt_app(slack)

        @app.event("message")
        async def listen(event: dict[str, Any]) -> None:
            heard.append(event["text"])

        async def serve(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        served = web.Application()
        served.router.add_post("/slack/events", serve)
        runner = web.AppRunner(served)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        http = slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        assert await http.verify_url() == '{"challenge": "quack"}'
        alice = slack.person("UALICE")
        await alice.dms("signed")
        await slack.events.settled()
        http.secret = "stolen"
        slack.events.retry_delays = ()
        await alice.dms("forged")
        await slack.events.settled()
        assert (heard, http.statuses[-1]) == (["signed"], 401)
        await runner.cleanup()


async def test_the_capture_holds_all_traffic_and_no_token(tmp_path: Path) -> None:
    file = tmp_path / "wire.jsonl"
    async with pond_with_app(capture=capture_to(file, "slack")) as pond:
        await pond.alice.dms("hello")
        await pond.slack.events.settled()
        await pond.client.auth_test(token=pond.slack.bot_token)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {(line["direction"], line["method"]) for line in lines} == {
        ("in", "apps.connections.open"),
        ("out", "events_api"),
        ("in", "ack"),
        ("in", "auth.test"),
    }
    assert "xoxb" not in file.read_text()
    assert BOT.id in file.read_text()
