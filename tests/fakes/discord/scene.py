"""The scene of a test: who is there, what can be seen, and waiting for it."""

import base64
from collections.abc import Callable, Iterable
from typing import Any

from tests.fakes.clock import Clock
from tests.fakes.discord import news
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.messages import SPOKEN, Message, render
from tests.fakes.discord.onlooker import Place, Thread, thread_id
from tests.fakes.discord.permissions import EVERYONE, INVITED, Permission
from tests.fakes.discord.person import Person
from tests.fakes.discord.places import KINDS, Channel, ChannelKind, Guild, Member, Role, User
from tests.fakes.discord.snowflakes import born
from tests.fakes.discord.stage import Stage
from tests.fakes.discord.state import State
from tests.fakes.pulse import Pulse, Seen
from tests.fakes.record import Call, Capture, Record


class Scene:
    def __init__(self, *, clock: Clock | None = None, capture: Capture | None = None) -> None:
        self.clock = clock or Clock()
        self.pulse = Pulse()
        self.record = Record(capture)
        self.state = State(self.clock)
        self.token = f"{_first_part(self.state.app)}.Loopbk.loopback-token-of-nobodys-bot"
        self.gateway = Gateway(state=self.state, record=self.record, pulse=self.pulse, token=self.token)
        self.interactions = Interactions(self.clock, self.state.ids.new)
        self.stage = Stage(
            state=self.state,
            clock=self.clock,
            record=self.record,
            pulse=self.pulse,
            gateway=self.gateway,
            interactions=self.interactions,
        )
        self.patience = 20.0
        self.owner = self.person("owner")
        self.home = self.guild("Pond")

    @property
    def bot(self) -> User:
        return self.state.bot

    # the scene

    def person(self, name: str) -> Person:
        """Somebody at a client; the same name is the same person."""
        return self._somebody(name, is_bot=False)

    def other_bot(self, name: str) -> Person:
        """Somebody else's bot."""
        return self._somebody(name, is_bot=True)

    def _somebody(self, name: str, *, is_bot: bool) -> Person:
        known = next((user for user in self.state.users.values() if user.name == name), None)
        user = known or User(id=self.state.ids.new(), name=name, is_bot=is_bot)
        self.state.users[user.id] = user
        return Person(self.stage, user)

    def guild(self, name: str, *, members: Iterable[Person] = (), with_bot: bool = True) -> Guild:
        """A server; the bot came into it with a role of its own, by the invitation that we print."""
        guild = Guild(id=self.state.ids.new(), name=name, owner=self.owner.id)
        guild.roles[guild.id] = Role(id=guild.id, name="@everyone", permissions=int(EVERYONE))
        self.state.guilds[guild.id] = guild
        for person in (self.owner, *members):
            person.joins(guild)
        if with_bot:
            role = Role(id=self.state.ids.new(), name=self.bot.name, permissions=int(INVITED), bot=self.bot.id)
            guild.roles[role.id] = role
            guild.members[self.bot.id] = Member(user=self.bot, roles={role.id})
            self.gateway.tell(news.guild_came(self.stage, guild, joined=True))
        return guild

    def channel(
        self,
        name: str,
        *,
        members: Iterable[Person] = (),
        kind: ChannelKind = "text",
        private: bool = False,
        with_bot: bool = True,
        guild: Guild | None = None,
    ) -> Channel:
        """In a server, whose members they become; a private one is for them and perhaps the bot alone."""
        place = guild or self.home
        channel = Channel(id=self.state.ids.new(), type=KINDS[kind], name=name, guild=place.id)
        people = list(members)
        for person in people:
            person.joins(place)
        if private:
            channel.overwrite(place.id, is_member=False).deny |= Permission.VIEW_CHANNEL
            for who in [person.id for person in people] + ([self.bot.id] if with_bot else []):
                channel.overwrite(who, is_member=True).allow |= Permission.VIEW_CHANNEL
        elif not with_bot:
            channel.overwrite(self.bot.id, is_member=True).deny |= Permission.VIEW_CHANNEL
        self.state.channels[channel.id] = channel
        self.gateway.tell(news.channel_changed(self.stage, "CHANNEL_CREATE", channel))
        return channel

    def allow(self, channel: Channel, who: str, permission: Permission) -> None:
        """A user or role, by id, may do that there from now on."""
        entry = channel.overwrite(who, is_member=who in self.state.users)
        entry.allow, entry.deny = entry.allow | permission, entry.deny & ~permission
        self.gateway.tell(news.channel_changed(self.stage, "CHANNEL_UPDATE", channel))

    def deny(self, channel: Channel, who: str, permission: Permission) -> None:
        entry = channel.overwrite(who, is_member=who in self.state.users)
        entry.allow, entry.deny = entry.allow & ~permission, entry.deny | permission
        self.gateway.tell(news.channel_changed(self.stage, "CHANNEL_UPDATE", channel))

    def delete(self, channel: Channel) -> None:
        gone = news.channel_gone(self.stage, channel)
        channel.deleted = True
        self.gateway.tell(gone)

    def uninstall(self, guild: Guild) -> None:
        """Somebody removes the bot from a server."""
        guild.members.pop(self.bot.id, None)
        self.gateway.tell(news.guild_went(guild, outage=False))

    def outage(self, guild: Guild) -> None:
        """Discord itself cannot reach the server for a while."""
        guild.available = False
        self.gateway.tell(news.guild_went(guild, outage=True))

    def recover(self, guild: Guild) -> None:
        guild.available = True
        self.gateway.tell(news.guild_came(self.stage, guild, joined=False))

    # what is there

    def thread_of(self, message: Message) -> Channel | None:
        return self.state.find_channel(message.id)

    def messages(self, where: Place, *, thread: Thread = None) -> list[Message]:
        """What was said there, without Discord's own notes and what is for one person."""
        place = thread_id(thread) or _id(where)
        return [message for message in self.state.visible(place) if message.type in SPOKEN]

    def answers(self, where: Place, thread: Thread = None) -> list[Message]:
        """What the bot said there."""
        return [m for m in self.messages(where, thread=thread) if m.author == self.bot.id]

    def types_in(self, where: Place, *, thread: Thread = None) -> bool:
        """Whether “mallard is typing…” stands there now."""
        place = thread_id(thread) or _id(where)
        last = max((when for channel, when in self.state.typing if channel == place), default=0.0)
        answered = any(born(m.id) >= last for m in self.answers(place))
        return bool(last) and self.clock.now() - last < 10 and not answered

    def picture(self, where: Place | None = None) -> str:
        """All that can be read, for the message of a failing test."""
        shown = [message for message in self.state.messages if where is None or message.channel == _id(where)]
        return "\n".join(f"{self._named(m.channel)}: {render(m, author=self._author(m))}" for m in shown[-40:])

    def _named(self, channel: str) -> str:
        return self.state.channels[channel].name or "dm"

    def _author(self, message: Message) -> str:
        return self.state.users[message.author].name

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

    async def connected(self, sessions: int = 1, *, timeout: float | None = None) -> None:
        await self.until(lambda: len(self.gateway.sessions.attached) >= sessions, timeout=timeout)

    async def called(self, method: str, *, times: int = 1, timeout: float | None = None, **arguments: Any) -> Call:
        await self.until(lambda: len(self.record.calls_of(method, **arguments)) >= times, timeout=timeout)
        return self.record.calls_of(method, **arguments)[times - 1]

    def _explained(self) -> str:
        problems = [*map(str, self.record.violations), *self.record.lapses]
        return "\n".join(["There is:", self.picture(), *problems, f"{len(self.gateway.sockets)} sockets are open"])

    # judgement

    @property
    def violations(self) -> list[str]:
        return [str(violation) for violation in self.record.violations]

    @property
    def lapses(self) -> list[str]:
        return self.record.lapses

    def check_clean(self) -> None:
        """Nothing was done that Discord refuses or a careful app avoids."""
        assert not self.record.violations, "\n".join(self.violations)
        assert not self.record.lapses, "\n".join(self.record.lapses)


def _first_part(app: str) -> str:
    """Of a bot's token: the application's id, for whoever can read it."""
    return base64.urlsafe_b64encode(app.encode()).decode().rstrip("=")


def _id(where: Place) -> str:
    return where if isinstance(where, str) else where.id
