"""A strict Slack on 127.0.0.1, for the real slack-bolt and slack-sdk.

async with Slack() as slack:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
    ...
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    asked = await alice.mentions(pond, "may I?")
    card = await slack.message(pond, thread=asked, contains="Approve")
    await alice.clicks(card, "Approve")
    slack.check_clean()
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.fakes.faults import Dropped, Fault, Faults, Held, RateLimited, Status
from tests.fakes.record import Call, Capture
from tests.fakes.slack import news
from tests.fakes.slack.breakdowns import Errors
from tests.fakes.slack.clock import Clock
from tests.fakes.slack.httpmode import HttpMode
from tests.fakes.slack.scene import Scene
from tests.fakes.slack.sideroads import SideRoads
from tests.fakes.slack.webapi import WebApi

LARGEST_REQUEST = 64 * 2**20


class Slack(Scene):
    def __init__(self, *, clock: Clock | None = None, capture: Capture | None = None) -> None:
        super().__init__(clock=clock, capture=capture)
        self.bot_token = "xoxb-loopback"
        self.app_token = "xapp-loopback"
        self.faults = Faults(self.pulse)
        self.http: HttpMode | None = None

    # life

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> Self:
        tokens = {"bot_token": self.bot_token, "app_token": self.app_token}
        api = WebApi(self.stage, self.faults, self.pulse, **tokens)
        roads = SideRoads(self.stage, self.faults, self.pulse, bot_token=self.bot_token)
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/api/{method}", api.answer)
        app.router.add_get("/link/", self.socket.accept)
        app.router.add_post("/response/{key}", roads.respond)
        app.router.add_post("/upload/v1/{file}", roads.upload)
        app.router.add_get("/files-pri/{file}/{name}", roads.download)
        app.router.add_get("/files-pri/download/{file}/{name}", roads.download)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.stage.origin = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession(trust_env=False)
        return self

    async def stop(self) -> None:
        self.faults.lift_all()
        await self.events.close()
        await self.socket.close()
        await self._session.close()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """What AsyncWebClient takes as `base_url`."""
        return f"{self.stage.origin}/api/"

    def use_http(self, url: str) -> HttpMode:
        """Send everything as signed requests to this URL from now on, instead of over sockets."""
        self.http = HttpMode(url, clock=self.clock, session=self._session, ack_deadline=self.socket.ack_deadline)
        self.events.transport = self.http
        return self.http

    async def uninstall(self) -> None:
        """Somebody removes the app: it hears so if it subscribed to that, and its tokens are worth nothing."""
        self.fail("*", "account_inactive", times=None)
        at = self.clock.timestamp()
        await self.events.tell(news.uninstalled(self.state, at))

    # trouble

    def rate_limit(
        self, method: str, *, retry_after: float, times: int | None = 1, when: Callable[[Call], bool] = lambda c: True
    ) -> Fault:
        return self.faults.add(method, RateLimited(retry_after), times=times, matches=when)

    def fail(
        self,
        method: str,
        error: str = "",
        *,
        status: int | None = None,
        processed: bool = False,
        times: int | None = 1,
        when: Callable[[Call], bool] = lambda call: True,
    ) -> Fault:
        """Answer with an error code or a bare HTTP status, after processing the call if `processed`."""
        trouble = Status(status) if status is not None else Errors(error)
        return self.faults.add(method, trouble, when="after" if processed else "before", times=times, matches=when)

    def drop(
        self,
        method: str,
        *,
        processed: bool = True,
        times: int | None = 1,
        when: Callable[[Call], bool] = lambda call: True,
    ) -> Fault:
        """Process the call, then break the connection instead of answering."""
        return self.faults.add(method, Dropped(), when="after" if processed else "before", times=times, matches=when)

    def hold(
        self,
        method: str,
        *,
        processed: bool = False,
        times: int | None = 1,
        when: Callable[[Call], bool] = lambda call: True,
    ) -> Fault:
        """Keep the call waiting until `release()`; `await fault.arrived()` says when it is there."""
        return self.faults.add(method, Held(), when="after" if processed else "before", times=times, matches=when)
