"""A strict Discord on 127.0.0.1, for the real discord.py.

async with Discord() as discord:
    point_at(discord.api_url, discord.gateway_url)      # and start a client with discord.token
    ...
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    asked = await alice.mentions(pond, "may I?")
    card = await discord.message(pond, thread=asked, contains="Approve")
    await alice.clicks(card, "Approve")
    discord.check_clean()
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.fakes.clock import Clock
from tests.fakes.discord.buckets import Buckets
from tests.fakes.discord.restapi import RestApi
from tests.fakes.discord.routes.cdn import download
from tests.fakes.discord.scene import Scene
from tests.fakes.discord.troubles import Limited, Refused, under
from tests.fakes.faults import Dropped, Fault, Faults, Held, Status, Trouble
from tests.fakes.record import Call, Capture

LARGEST_REQUEST = 128 * 2**20
Matches = Callable[[Call], bool]


def _always(call: Call) -> bool:
    return True


class Discord(Scene):
    def __init__(self, *, clock: Clock | None = None, capture: Capture | None = None) -> None:
        super().__init__(clock=clock, capture=capture)
        self.faults = Faults(self.pulse)
        self.buckets = Buckets()
        self.gateway.on_identify = self.buckets.forget_caller

    # life

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> Self:
        api = RestApi(self.stage, self.faults, self.buckets, token=self.token)
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/api/v10/{tail:.*}", api.answer)
        app.router.add_get("/cdn/attachments/{channel}/{attachment}/{filename}", self._download)
        app.router.add_get("/gateway/", self.gateway.accept)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.stage.origin = f"http://{host}:{bound}"
        self.gateway.url = f"ws://{host}:{bound}/gateway/"
        return self

    async def stop(self) -> None:
        self.faults.lift_all()
        await self.gateway.stop()
        await self._runner.cleanup()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        call = Call(number=0, method="GET /cdn", arguments=dict(request.match_info), at=self.clock.now())
        return await under(self.faults.hitting(call), request, lambda: download(self.stage, request))

    @property
    def message_content(self) -> bool:
        """The switch for the intent of that name, in the developer portal."""
        return self.state.message_content

    @message_content.setter
    def message_content(self, on: bool) -> None:
        self.state.message_content = on

    @property
    def api_url(self) -> str:
        """What the library takes as `Route.BASE`."""
        return f"{self.stage.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        return self.gateway.url

    # trouble; `method` is "POST /channels/{channel}/messages" and the like, "*" is every one

    def rate_limit(
        self,
        method: str,
        *,
        retry_after: float,
        via: bool = True,
        is_global: bool = False,
        times: int | None = 1,
        when: Matches = _always,
    ) -> Fault:
        """A 429; without `via` it looks like Cloudflare's ban, and the library does not try again."""
        trouble = Limited(retry_after, via=via, is_global=is_global)
        return self.faults.add(method, trouble, times=times, matches=when)

    def fail(
        self,
        method: str,
        code: int = 0,
        *,
        status: int | None = None,
        processed: bool = False,
        times: int | None = 1,
        when: Matches = _always,
    ) -> Fault:
        """Answer with Discord's error code, or a bare HTTP status; after processing the call if `processed`."""
        trouble: Trouble = Refused(code, status or 0) if code or status is None else Status(status)
        return self.faults.add(method, trouble, when="after" if processed else "before", times=times, matches=when)

    def drop(self, method: str, *, processed: bool = True, times: int | None = 1, when: Matches = _always) -> Fault:
        """Process the call, then break the connection instead of answering."""
        return self.faults.add(method, Dropped(), when="after" if processed else "before", times=times, matches=when)

    def hold(self, method: str, *, processed: bool = False, times: int | None = 1, when: Matches = _always) -> Fault:
        """Keep the call waiting until `release()`; `await fault.arrived()` says when it is there."""
        return self.faults.add(method, Held(), when="after" if processed else "before", times=times, matches=when)
