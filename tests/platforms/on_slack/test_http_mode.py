"""HTTP mode: signed requests in place of a socket."""

import aiohttp
from aiohttp import web

from bots.slack import SlackPlatform
from tests.fakes.slack import SIGNING_SECRET, Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor


async def test_http_mode_takes_signed_requests_and_no_others(slack: Slack, door: RecordingDoor) -> None:
    settings = {"mode": "http", "app_token": None, "signing_secret": SIGNING_SECRET}
    async with started(slack, door, **settings) as platform:
        runner = web.AppRunner(_mounted(platform), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        http = slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        try:
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
        finally:
            await slack.events.close()
            await runner.cleanup()

    assert [message.text for message in door.received] == ["hello"]


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
