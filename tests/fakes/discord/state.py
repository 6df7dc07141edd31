"""Everything that Discord remembers, and how to find it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.clock import Clock
from tests.fakes.discord import permissions
from tests.fakes.discord.messages import Attachment, Message
from tests.fakes.discord.modals import Modal
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import DIRECT, THREADS, Channel, Guild, User
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.snowflakes import Snowflakes

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class State:
    clock: Clock
    ids: Snowflakes = field(init=False)
    bot: User = field(init=False)
    users: dict[str, User] = field(default_factory=dict)
    guilds: dict[str, Guild] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    commands: dict[str | None, list[Json]] = field(default_factory=dict)  # by guild; None: everywhere
    modals: dict[str, Modal] = field(default_factory=dict)  # by who has it open
    commands_created: int = 0
    typing: list[tuple[str, float]] = field(default_factory=list)  # where the bot typed, and when
    message_content: bool = True  # the switch in the developer portal
    members_intent: bool = False
    nonce_memory: float = 300.0
    keeps_component_ids: bool = True  # in history; Discord promises it, and whoever doubts it can try without
    most_active_threads: int = 1000
    _by_id: dict[str, Message] = field(default_factory=dict)
    _by_channel: dict[str, list[Message]] = field(default_factory=dict)
    _by_nonce: dict[tuple[str, str], Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = Snowflakes(self.clock)
        self.bot = User(id=self.ids.new(), name="mallard", is_bot=True)
        self.users[self.bot.id] = self.bot

    @property
    def app(self) -> str:
        """The application's id, which is its bot's as well."""
        return self.bot.id

    @property
    def flags(self) -> int:
        """The application's: which privileged intents are switched on, of an app that few use."""
        return (1 << 19 if self.message_content else 0) | (1 << 15 if self.members_intent else 0)

    # what is where

    def add_message(self, message: Message) -> Message:
        self.messages.append(message)
        self._by_id[message.id] = message
        self._by_channel.setdefault(message.channel, []).append(message)
        if message.nonce is not None:
            self._by_nonce[message.author, str(message.nonce)] = message
        return message

    def last_with(self, nonce: str | int, author: str) -> Message | None:
        """The newest message of that nonce, deleted or not."""
        return self._by_nonce.get((author, str(nonce)))

    def find_message(self, message_id: str) -> Message | None:
        """One that is there; a deleted one is not."""
        found = self._by_id.get(message_id)
        return None if found is None or found.deleted else found

    def visible(self, channel: str, *, to: str | None = None) -> Iterator[Message]:
        """The messages of a channel in order; ephemeral ones only for the person they are for."""
        for message in self._by_channel.get(channel, ()):
            if not message.deleted and message.seen_only_by in (None, to):
                yield message

    def newest(self, channel: str) -> str | None:
        """The last message's id, deleted or not."""
        there = self._by_channel.get(channel, ())
        return next((message.id for message in reversed(there) if not message.is_ephemeral), None)

    def direct_channel(self, user: str, *, with_user: str = "") -> Channel:
        pair = {user, with_user or self.bot.id}
        for channel in self.channels.values():
            if channel.is_direct and channel.members == pair:
                return channel
        channel = Channel(id=self.ids.new(), type=DIRECT, name="", members=pair)
        self.channels[channel.id] = channel
        return channel

    def threads_of(self, guild: str) -> Iterator[Channel]:
        for channel in self.channels.values():
            if channel.guild == guild and channel.type in THREADS and not channel.archived and not channel.deleted:
                yield channel

    def find_channel(self, channel_id: str) -> Channel | None:
        found = self.channels.get(channel_id)
        return None if found is None or found.deleted else found

    # who may do what

    def permissions(self, channel: Channel, user: str) -> Permission:
        if channel.guild is None:
            return permissions.IN_DIRECT_MESSAGES if user in channel.members else Permission(0)
        guild = self.guilds[channel.guild]
        if not channel.is_thread:
            return permissions.in_channel(guild, channel, user)
        held = permissions.in_channel(guild, self.channels[channel.parent or ""], user)
        hidden = channel.is_private_thread and user not in channel.members and not held & Permission.MANAGE_THREADS
        return Permission(0) if hidden else held

    def may(self, channel: Channel, user: str, wanted: Permission) -> bool:
        return self.permissions(channel, user) & wanted == wanted

    def sees(self, channel: Channel, user: str) -> bool:
        return self.may(channel, user, Permission.VIEW_CHANNEL)

    # what the app may reach

    def guild(self, guild_id: str) -> Guild:
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise Refusal(10004, guild_id)
        return guild

    def channel(self, channel_id: str) -> Channel:
        """A channel that the bot can see."""
        channel = self.find_channel(channel_id)
        if channel is None:
            raise Refusal(10003, channel_id)
        if not self.sees(channel, self.bot.id):
            raise Refusal(50001, channel_id)
        return channel

    def message(self, channel_id: str, message_id: str) -> Message:
        """A message that the bot can read there; ephemeral ones are not to be found this way."""
        channel = self.channel(channel_id)
        message = self.find_message(message_id)
        if message is None or message.channel != channel.id or message.is_ephemeral:
            raise Refusal(10008, f"{channel_id}/{message_id}")
        if message.author != self.bot.id and not self.may(channel, self.bot.id, Permission.READ_MESSAGE_HISTORY):
            raise Refusal(50001, "READ_MESSAGE_HISTORY")
        return message

    def require(self, channel: Channel, wanted: Permission) -> None:
        if not self.may(channel, self.bot.id, wanted):
            raise Refusal(50013, wanted.name or str(wanted))
