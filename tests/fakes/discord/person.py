"""A person at a Discord client: what they say and do; what they click and see stands in the classes below."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from tests.fakes.discord import news
from tests.fakes.discord.clicker import Clicker
from tests.fakes.discord.content import Content
from tests.fakes.discord.mentions import mentions_in
from tests.fakes.discord.messages import PLAIN, REPLY, Attachment, Message
from tests.fakes.discord.onlooker import Place, Thread
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import PRIVATE_THREAD, WITH_POSTS, Channel, Guild, Member
from tests.fakes.discord.routes.threads import opened

LOUD: dict[str, Any] = {"parse": ["users", "roles"]}  # people ring whom they name, but not everyone


class Person(Clicker):
    async def says(
        self,
        where: Place,
        text: str,
        *,
        thread: Thread = None,
        files: Mapping[str, bytes] | None = None,
        **more: Any,
    ) -> Message:
        """In a channel, or in a thread of it; `more` are fields of the message for odd cases (`type`, `webhook`)."""
        channel = self._channel(where, thread)
        self._check_allowed(channel)
        channel.archived = False
        return self._put(channel, text, files or {}, **more)

    async def mentions(self, where: Place, text: str, *, thread: Thread = None, **more: Any) -> Message:
        return await self.says(where, f"{self._state.bot.mention} {text}", thread=thread, **more)

    async def dms(self, text: str, **more: Any) -> Message:
        return await self.says(self.dm, text, **more)

    async def replies(self, to: Message, text: str, *, ping: bool = True, **more: Any) -> Message:
        """Discord's reply: in the same channel, and it rings the author unless that is switched off."""
        channel = self._state.channels[to.channel]
        self._check_allowed(channel)
        guild = {"guild_id": channel.guild} if channel.guild else {}
        reference = {"type": 0, "message_id": to.id, "channel_id": to.channel, **guild}
        return self._put(channel, text, {}, type=REPLY, reference=reference, replied=to.author if ping else "", **more)

    async def edits(self, message: Message, text: str) -> None:
        assert message.author == self.id, "people edit their own messages only"
        channel = self._state.channels[message.channel]
        found = mentions_in(self._state, channel, text, (), LOUD)
        message.says(Content(text, (), message.content.file_names, found.pings))
        message.mentions, message.edited_at = list(found.users), self._stage.clock.now()
        self._stage.gateway.tell(news.message_changed(self._stage, message))

    async def deletes(self, message: Message) -> None:
        """Theirs, or any if they may."""
        channel = self._state.channels[message.channel]
        assert message.author == self.id or self._state.may(channel, self.id, Permission.MANAGE_MESSAGES)
        message.deleted = True
        self._stage.gateway.tell(news.message_gone(self._stage, message))

    # threads and servers

    async def opens_thread(self, on: Message, name: str = "thread") -> Channel:
        return opened(self._stage, on, name=name, by=self.id)

    async def opens_private_thread(self, where: Channel, name: str, *, members: tuple[str, ...] = ()) -> Channel:
        """With these users in it, by id; the bot hears of it if it is among them."""
        return await self._new_thread(where, name, PRIVATE_THREAD, {self.id, *members})

    async def posts(self, forum: Channel, title: str, text: str, **more: Any) -> tuple[Channel, Message]:
        """A post of a forum: a thread, and its first message, which has the same id."""
        assert forum.type in WITH_POSTS, f"{forum.name} is no forum"
        thread = await self._new_thread(forum, title, 11, {self.id})
        return thread, self._put(thread, text, {}, id=thread.id, **more)

    async def _new_thread(self, parent: Channel, name: str, kind: int, members: set[str]) -> Channel:
        thread = Channel(
            id=self._state.ids.new(),
            type=kind,
            name=name,
            guild=parent.guild,
            parent=parent.id,
            owner=self.id,
            members=members,
        )
        self._state.channels[thread.id] = thread
        self._stage.gateway.tell(news.channel_changed(self._stage, "THREAD_CREATE", thread, newly_created=True))
        return thread

    async def adds_bot(self, thread: Channel) -> None:
        thread.members.add(self._state.bot.id)
        self._stage.gateway.tell(news.thread_joined(self._stage, thread))

    def joins(self, guild: Guild) -> None:
        guild.members.setdefault(self.id, Member(user=self.user))

    def leaves(self, guild: Guild) -> None:
        guild.members.pop(self.id, None)

    def closes_dms(self) -> None:
        """The bot can still open the channel, and its messages are refused there."""
        self.user.takes_messages = False

    def _check_allowed(self, channel: Channel) -> None:
        wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        assert self._state.may(channel, self.id, wanted), f"{self.name} may not speak in {channel.name}"
        assert not channel.locked, f"{channel.name} is locked"

    def _put(
        self, channel: Channel, text: str, files: Mapping[str, bytes], *, replied: str = "", **more: Any
    ) -> Message:
        allowed = LOUD | {"replied_user": bool(replied)}
        found = mentions_in(self._state, channel, text, (), allowed, replied)
        fields: dict[str, Any] = {"id": self._state.ids.new(), "type": PLAIN} | more
        message = Message(
            channel=channel.id,
            author=self.id,
            content=Content(text, (), tuple(files), found.pings),
            attachments=[self._attached(channel, name, content) for name, content in files.items()],
            mentions=list(found.users),
            mention_roles=list(found.roles),
            **fields,
        )
        self._state.add_message(message)
        self._stage.gateway.tell(news.message_created(self._stage, message))
        self._stage.pulse.beat()
        return message

    def _attached(self, channel: Channel, name: str, content: bytes) -> Attachment:
        kind = mimetypes.guess_type(name)[0]
        attachment = Attachment(
            id=self._state.ids.new(), filename=name, content=content, channel=channel.id, content_type=kind
        )
        self._state.attachments[attachment.id] = attachment
        return attachment
