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

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.fakes.slack.clock import Clock
from tests.fakes.slack.dispatch import Dispatch
from tests.fakes.slack.faults import Dropped, Errors, Fault, Faults, Held, RateLimited, Status
from tests.fakes.slack.httpmode import HttpMode
from tests.fakes.slack.messages import Message, render
from tests.fakes.slack.person import Person
from tests.fakes.slack.places import Channel, ChannelKind, User
from tests.fakes.slack.pulse import Pulse, Seen
from tests.fakes.slack.record import Call, Capture, Record
from tests.fakes.slack.sessions import Session
from tests.fakes.slack.sideroads import SideRoads
from tests.fakes.slack.socketmode import SocketMode
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.state import BOT, State
from tests.fakes.slack.webapi import WebApi

Place = Channel | str
Thread = Message | str | None
LARGEST_REQUEST = 64 * 2**20


class Slack:
    def __init__(self, *, clock: Clock | None = None, capture: Capture | None = None) -> None:
        self.bot_token = "xoxb-loopback"
        self.app_token = "xapp-loopback"
        self.clock = clock or Clock()
        self.pulse = Pulse()
        self.record = Record(capture)
        self.state = State(self.clock)
        self.faults = Faults(self.pulse)
        self.socket = SocketMode(record=self.record, pulse=self.pulse)
        self.events = Dispatch(state=self.state, record=self.record, pulse=self.pulse, transport=self.socket)
        self.stage = Stage(self.state, self.clock, self.record, self.events, self.socket)
        self.socket.on_open = self.events.app_came_back
        self.patience = 5.0
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

    # the scene

    def person(self, user_id: str, *, name: str = "", team: str = "T1") -> Person:
        """Somebody at a client; the same id is the same person. Of another team: a guest of Slack Connect."""
        known = self.state.users.get(user_id)
        user = known or User(id=user_id, name=name or user_id.strip("UW_").lower(), team=team)
        self.state.users[user_id] = user
        return Person(self.stage, self.pulse, user)

    def other_bot(self, user_id: str, *, name: str = "") -> Person:
        """Somebody else's bot."""
        bare = user_id.strip("UW_")
        user = User(id=user_id, name=name or bare.lower(), team="T1", bot_id=f"B{bare}", app_id=f"A{bare}")
        self.state.users[user_id] = user
        return Person(self.stage, self.pulse, user)

    def channel(
        self, name: str, *, members: Iterable[Person] = (), kind: ChannelKind = "channel", with_bot: bool = True
    ) -> Channel:
        ids = {person.id for person in members}
        channel = self.state.add_channel(name, kind, ids | ({BOT.id} if with_bot else set()))
        channel.is_shared = any(self.state.users[user].team != channel.team for user in ids)
        return channel

    # what is there

    def messages(self, where: Place) -> list[Message]:
        return list(self.state.visible(_id(where)))

    def thread(self, where: Place, thread: Message | str) -> list[Message]:
        """The parent and its replies, in order."""
        root = thread.thread if isinstance(thread, Message) else thread
        return [message for message in self.state.visible(_id(where)) if message.thread == root]

    def answers(self, where: Place, thread: Thread = None) -> list[Message]:
        """What the bot said there."""
        seen = self.messages(where) if thread is None else self.thread(where, thread)
        return [message for message in seen if message.user == BOT.id]

    def session(self, where: Place, thread: Message | str) -> Session | None:
        root = thread.thread if isinstance(thread, Message) else thread
        return self.state.sessions.get((_id(where), root))

    def status_line(self, where: Place, thread: Message | str) -> str:
        """What stands below the thread now ("is thinking…"), or nothing."""
        root = thread.thread if isinstance(thread, Message) else thread
        line = self.state.status_line(_id(where), root)
        return line.text if line else ""

    def break_stream(self, message: Message) -> None:
        """Slack loses patience with a stream: appending to it fails from now on."""
        assert message.stream is not None, "that is no stream"
        message.stream.state = "broken"

    def picture(self, where: Place | None = None) -> str:
        """All that can be read, for the message of a failing test."""
        shown = [message for message in self.state.messages if where is None or message.channel == _id(where)]
        return "\n".join(f"{self.state.channels[m.channel].name}: {render(m)}" for m in shown[-40:])

    # waiting

    async def until(self, look: Callable[[], Seen | None], *, timeout: float | None = None) -> Seen:
        """What `look` returns once it is true-ish; looked at again after every change, never by the clock."""
        return await self.pulse.until(look, timeout=timeout or self.patience, explain=self._explained)

    async def message(
        self, where: Place, *, thread: Thread = None, contains: str = "", timeout: float | None = None
    ) -> Message:
        """The first thing of the bot's there that can be read to contain this."""
        return await self.until(
            lambda: next((m for m in self.answers(where, thread) if contains in m.text), None), timeout=timeout
        )

    async def connected(self, sockets: int = 1, *, timeout: float | None = None) -> None:
        await self.until(lambda: len(self.socket.sockets) >= sockets, timeout=timeout)

    async def called(self, method: str, *, times: int = 1, timeout: float | None = None, **arguments: object) -> Call:
        await self.until(lambda: len(self.record.calls_of(method, **arguments)) >= times, timeout=timeout)
        return self.record.calls_of(method, **arguments)[times - 1]

    def _explained(self) -> str:
        problems = [*map(str, self.record.violations), *self.record.lapses]
        return "\n".join(["There is:", self.picture(), *problems, f"{len(self.socket.sockets)} sockets are open"])

    # trouble

    def rate_limit(
        self, method: str, *, retry_after: int, times: int | None = 1, when: Callable[[Call], bool] = lambda c: True
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

    # judgement

    @property
    def violations(self) -> list[str]:
        return [str(violation) for violation in self.record.violations]

    @property
    def lapses(self) -> list[str]:
        return self.record.lapses

    def check_clean(self) -> None:
        """Nothing was done that Slack refuses or a careful app avoids."""
        assert not self.record.violations, "\n".join(self.violations)
        assert not self.record.lapses, "\n".join(self.record.lapses)


def _id(where: Place) -> str:
    return where if isinstance(where, str) else where.id
