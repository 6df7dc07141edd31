"""The scene of a test: who is there, what can be seen, and waiting for it."""

from collections.abc import Callable, Iterable

from tests.fakes.pulse import Pulse, Seen
from tests.fakes.record import Call, Capture, Record
from tests.fakes.slack.clock import Clock
from tests.fakes.slack.dispatch import Dispatch
from tests.fakes.slack.messages import Message, render
from tests.fakes.slack.onlooker import Place, Thread, thread_ts
from tests.fakes.slack.person import Person
from tests.fakes.slack.places import Channel, ChannelKind, User
from tests.fakes.slack.sessions import Session
from tests.fakes.slack.socketmode import SocketMode
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.state import BOT, State


class Scene:
    def __init__(self, *, clock: Clock | None = None, capture: Capture | None = None) -> None:
        self.clock = clock or Clock()
        self.pulse = Pulse()
        self.record = Record(capture)
        self.state = State(self.clock)
        self.socket = SocketMode(record=self.record, pulse=self.pulse)
        self.events = Dispatch(state=self.state, record=self.record, pulse=self.pulse, transport=self.socket)
        self.socket.on_open = self.events.app_came_back
        self.stage = Stage(self.state, self.clock, self.record, self.events, self.socket)
        self.patience = 20.0

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

    def thread(self, where: Place, thread: Thread) -> list[Message]:
        """The parent and its replies, in order."""
        root = thread_ts(thread) or ""
        return [message for message in self.state.visible(_id(where)) if message.thread == root]

    def answers(self, where: Place, thread: Thread = None) -> list[Message]:
        """What the bot said there."""
        seen = self.messages(where) if thread is None else self.thread(where, thread)
        return [message for message in seen if message.user == BOT.id]

    def session(self, where: Place, thread: Thread) -> Session | None:
        root = thread_ts(thread) or ""
        return self.state.sessions.get((_id(where), root))

    def status_line(self, where: Place, thread: Thread) -> str:
        """What stands below the thread now ("is thinking…"), or nothing."""
        root = thread_ts(thread) or ""
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

    async def ephemeral(self, person: Person, *, contains: str = "", timeout: float | None = None) -> Message:
        """The first thing said to this person alone that contains this."""
        return await self.until(
            lambda: next((m for m in person.ephemerals if contains in m.text), None), timeout=timeout
        )

    async def connected(self, sockets: int = 1, *, timeout: float | None = None) -> None:
        await self.until(lambda: len(self.socket.sockets) >= sockets, timeout=timeout)

    async def called(self, method: str, *, times: int = 1, timeout: float | None = None, **arguments: object) -> Call:
        await self.until(lambda: len(self.record.calls_of(method, **arguments)) >= times, timeout=timeout)
        return self.record.calls_of(method, **arguments)[times - 1]

    def _explained(self) -> str:
        problems = [*map(str, self.record.violations), *self.record.lapses]
        return "\n".join(["There is:", self.picture(), *problems, f"{len(self.socket.sockets)} sockets are open"])

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
