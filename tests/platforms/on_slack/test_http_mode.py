"""HTTP mode: signed requests in place of a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bots.slack import SlackPlatform
from tests.fakes.slack import SIGNING_SECRET, Slack
from tests.fakes.slack.httpmode import HttpMode
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor


class Server:
    """Our web server, as Slack sees it: `away` is a network in which nothing listens there."""

    def __init__(self, slack: Slack, runner: web.AppRunner, http: HttpMode) -> None:
        self._slack = slack
        self._runner = runner
        self._address = runner.addresses[0]
        self.http = http

    async def away(self) -> None:
        for site in set(self._runner.sites):
            await site.stop()
        self._slack.events.retry_delays = ()  # Slack has given up by the time that we are back

    async def back(self) -> None:
        await web.TCPSite(self._runner, *self._address[:2]).start()

    def later(self, seconds: float) -> None:
        """Slack signs with the time of this machine, which the library looks at, whatever it is on the loopback."""
        self._slack.clock.advance(seconds)
        self.http.clock_skew -= seconds

    def sent(self, text: str) -> str:
        """The id of the event that told of it."""
        return next(
            str(each.event_id) for each in self._slack.events.sent if each.payload.get("event", {}).get("text") == text
        )


@asynccontextmanager
async def served(slack: Slack, door: RecordingDoor, *, pause: float = 0.0) -> AsyncIterator[Server]:
    settings = {"mode": "http", "app_token": None, "signing_secret": SIGNING_SECRET, "retry_pause": pause}
    async with started(slack, door, **settings) as platform:
        runner = web.AppRunner(_mounted(platform), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        http = slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        try:
            yield Server(slack, runner, http)
        finally:
            await slack.events.close()
            await runner.cleanup()


async def test_http_mode_takes_signed_requests_and_no_others(slack: Slack, door: RecordingDoor) -> None:
    async with served(slack, door) as server:
        http = server.http
        assert "quack" in await http.verify_url()
        await slack.person("UALICE").dms("hello")
        assert (await door.heard()).text == "hello"
        receipt = await slack.person("UALICE").slash("/mallard", "help")
        assert receipt.acked
        await slack.until(lambda: slack.person("UALICE").ephemerals)

        http.secret = "wrong"
        await slack.person("UALICE").dms("forged")
        await slack.until(lambda: 401 in http.statuses)
        http.secret, http.clock_skew = SIGNING_SECRET, -600
        await slack.person("UALICE").dms("replayed")
        await slack.until(lambda: http.statuses.count(401) >= 2)

    assert [message.text for message in door.received] == ["hello"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_slack_had_to_send_again_tells_of_what_it_gave_up_and_that_is_read(
    slack: Slack, door: RecordingDoor
) -> None:
    """Also what was said long before, and although other messages came in since."""
    alice = slack.person("UALICE")
    async with served(slack, door) as server:
        await alice.dms("hello")
        await door.heard()
        server.later(3600)
        await server.away()
        await alice.dms("nobody hears me")
        server.later(1800)
        await alice.dms("and this is late")
        await slack.events.settled()
        server.later(200)
        await server.back()
        await alice.dms("now you hear me")
        await door.heard(2)
        assert not door.catching_up

        await slack.events.redeliver(server.sent("and this is late"), attempt=3)
        await door.until(lambda: door.missed and not door.catching_up, timeout=10.0)

    assert "nobody hears me" in [message.text for message in door.missed]


async def test_others_that_slack_sends_again_are_waited_for_so_that_all_of_them_cost_one_look(
    slack: Slack, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    async with served(slack, door, pause=600.0) as server:
        await server.away()
        for number in range(5):
            await alice.dms(f"question {number}")
        await slack.events.settled()
        await server.back()
        for number in range(5):
            await slack.events.redeliver(server.sent(f"question {number}"))
            await slack.events.settled()

        assert len(door.received) == 5
        assert door.catching_up == 1
        assert not slack.record.calls_of("users.conversations")


async def test_who_cannot_sign_cannot_make_us_read(slack: Slack, door: RecordingDoor) -> None:
    async with served(slack, door, pause=600.0) as server:
        await slack.person("UALICE").dms("hello")
        await door.heard()
        server.http.secret = "wrong"
        await slack.events.redeliver(server.sent("hello"))
        await slack.until(lambda: 401 in server.http.statuses)

        assert not door.catching_up


async def test_the_http_endpoint_listens_only_in_http_mode(slack: Slack, platform: SlackPlatform) -> None:
    runner = web.AppRunner(_mounted(platform), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events", data="{}")
            assert answer.status == 503
    finally:
        await runner.cleanup()


def _mounted(platform: SlackPlatform) -> web.Application:
    app = web.Application()
    app.router.add_post("/slack/events", platform.receive_http)
    return app
