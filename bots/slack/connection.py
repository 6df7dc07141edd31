"""How envelopes reach us: Socket Mode, dialled by us and held by the library, or signed HTTP requests."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMessage, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bots.slack import credentials
from bots.slack.clients import Clients
from bots.slack.dialling import Dialling
from bots.slack.failures import repeatable, translated
from bots.slack.outages import Outages
from bots.slack.redaction import library_logger
from bots.slack.settings import Identity, SlackSettings
from runtime.chores import Chores
from runtime.connection import ConnectionState

log = logging.getLogger(__name__)

Receiver = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _TicketClient(AsyncWebClient):
    """The library asks for tickets through here, so that a refusal is seen: it only logs them itself, for ever."""

    def __init__(self, state: ConnectionState, *, app_token: str, **options: Any) -> None:
        super().__init__(**options)
        self._state = state
        self._app_token = app_token

    async def new_ticket(self) -> str:
        """Raises PlatformError."""
        with repeatable():
            return str((await self.apps_connections_open(app_token=self._app_token))["url"])

    async def apps_connections_open(self, *, app_token: str, **kwargs: Any) -> AsyncSlackResponse:
        try:
            return await super().apps_connections_open(app_token=app_token, **kwargs)
        except Exception as error:
            self._state.disconnect(str(translated(error)))
            raise


class Connection:
    """`app` dispatches. Nothing is acknowledged any more once `close` has begun: Slack keeps it for the next start."""

    def __init__(
        self,
        settings: SlackSettings,
        clients: Clients,
        me: Identity,
        state: ConnectionState,
        chores: Chores,
        outages: Outages,
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._me = me
        self._state = state
        self._chores = chores
        self._outages = outages
        self._handler: AsyncSocketModeHandler | None = None
        self._watching: list[asyncio.Task[None]] = []
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self.app = self._make_app()

    async def open(self) -> None:
        """Returns once connected, or trying to. Raises SettingsError where trying is hopeless."""
        if self._settings.mode == "http":
            self.app.use(self._notice_what_comes_again)
            self._state.connect()
            return
        ticket = await credentials.open_ticket(self._clients, self._settings)
        tickets = self._ticket_client()
        handler = AsyncSocketModeHandler(
            self.app,
            self._settings.app_token,
            logger=library_logger(),
            web_client=tickets,
            ping_interval=self._settings.ping_interval,
        )
        self._handler, client = handler, handler.client
        client.socket_mode_request_listeners[:] = [self._handle]
        client.on_message_listeners.append(self._overheard)
        client.wss_uri = ticket
        client.aiohttp_client_session = Dialling(  # type: ignore[assignment]  # it is asked for nothing else of a session
            client.aiohttp_client_session,
            new_ticket=tickets.new_ticket,
            settings=self._settings,
            state=self._state,
        )
        connecting = self._chores.spawn(client.connect(), "connect", endless=True)  # type: ignore[no-untyped-call]
        self._watching = [connecting, self._chores.spawn(self._watch(client), "watchdog", endless=True)]
        await asyncio.wait([connecting], timeout=self._settings.connect_patience)
        await self._look(client)
        if not self._state.connected:
            self._outages.began()

    async def close(self) -> None:
        """Take nothing new, let what is being acknowledged finish, disconnect."""
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.stop_patience):
                await self._idle.wait()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        if self._handler is not None:
            client = self._handler.client
            tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
            await client.close()  # type: ignore[no-untyped-call]
            await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
        self._state.stop()

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One signed HTTP request of Slack's."""
        answer = await self._dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    async def _notice_what_comes_again(
        self, request: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """HTTP: of signed requests alone, and before the door hears of it."""
        if "x-slack-retry-num" in request.headers and (said_at := request.body.get("event_time")):
            self._outages.told_again(float(said_at))
        return await next()

    async def _handle(self, client: Any, envelope: Any) -> None:
        """Socket Mode: answering nothing at all is how an envelope is refused."""
        request = AsyncBoltRequest(mode="socket_mode", body=envelope.payload, headers=build_headers(envelope))
        answer = await self._dispatch(request)
        await send_async_response(client, envelope, answer, 0.0)

    async def _dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        if self._closing or self._state.ended:
            return BoltResponse(status=503, body="")
        self._under_way += 1
        self._idle.clear()
        try:
            return await self.app.async_dispatch(request)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _make_app(self) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            """From memory: the library would ask Slack for every event, and lose the event when that fails."""
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=self._me.team,
                bot_token=self._settings.bot_token,
                bot_id=self._me.bot,
                bot_user_id=self._me.user,
            )

        return AsyncApp(
            name="mallard",
            logger=library_logger(),
            client=AsyncWebClient(base_url=self._settings.api_base_url, retry_handlers=[], logger=library_logger()),
            authorize=authorize,
            signing_secret=self._settings.signing_secret or "",
            request_verification_enabled=self._settings.mode == "http",
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    def _ticket_client(self) -> _TicketClient:
        return _TicketClient(
            self._state,
            app_token=self._settings.app_token or "",
            base_url=self._settings.api_base_url,
            session=self._clients.session,
            retry_handlers=[],
            logger=library_logger(),
        )

    async def _watch(self, client: SocketModeClient) -> None:
        """The library says nothing of a connection that it finds dead."""
        while not self._state.ended:
            await asyncio.sleep(self._settings.watchdog_interval)
            await self._look(client)

    async def _look(self, client: SocketModeClient) -> None:
        if await client.is_connected():
            self._state.connect()
        elif self._state.connected:
            self._state.disconnect("the connection was lost; trying again")
            self._outages.began()

    async def _overheard(self, message: WSMessage) -> None:
        """What Slack says of the connection itself. It says hello before anything else."""
        if '"disconnect"' not in message.data and '"hello"' not in message.data:
            return
        spoken = json.loads(message.data)
        if spoken.get("type") == "hello":
            self._state.connect()
            self._outages.ended()
        elif spoken.get("type") == "disconnect" and spoken.get("reason") == "link_disabled":
            self._state.disconnect(
                "Socket Mode was switched off for the app; it goes on when that is switched on again"
            )
