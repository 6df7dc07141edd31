"""A person at a Slack client: what they say; what they click and see stands in the classes below."""

import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.slack import news
from tests.fakes.slack.clicker import Clicker
from tests.fakes.slack.content import Content
from tests.fakes.slack.messages import Message
from tests.fakes.slack.methods.files import new_file
from tests.fakes.slack.onlooker import Place, Thread, thread_ts
from tests.fakes.slack.places import Channel
from tests.fakes.slack.state import BOT
from tests.fakes.slack.wire import message_json, rich_text

_MARKUP = re.compile(r"(<(?:@[UW]|#C|!|https?:)[^<>]*>)")


def typed(text: str) -> str:
    """What becomes of typed text: everything escaped but mentions and links."""
    parts = _MARKUP.split(text)
    return "".join(
        part if number % 2 else part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for number, part in enumerate(parts)
    )


class Person(Clicker):
    async def says(
        self,
        where: Place,
        text: str,
        *,
        thread: Thread = None,
        files: Mapping[str, bytes] | None = None,
        broadcast: bool = False,
    ) -> Message:
        channel = self._member_of(where)
        message = Message(
            channel=channel.id,
            ts=self._stage.clock.timestamp(),
            user=self.id,
            team=self.user.team,
            content=self._content(text, tuple(files or ())),
            thread_ts=thread_ts(thread),
            broadcast=broadcast,
            client_msg_id=None if self.user.is_bot else f"00000000-0000-4000-8000-{self._state.number():012d}",
            bot_id=self.user.bot_id,
            app_id=self.user.app_id,
        )
        for name, content in (files or {}).items():
            file = new_file(self._stage, name, len(content), user=self.id)
            file.content, file.completed = content, True
            file.shared_in[channel.id] = channel.kind
            message.files.append(file)
            message.subtype = "file_share"
        self._state.messages.append(message)
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_message(self._state, message))
        return message

    async def mentions(self, where: Place, text: str, *, thread: Thread = None, **more: Any) -> Message:
        return await self.says(where, f"<@{BOT.id}> {text}", thread=thread, **more)

    async def dms(self, text: str, *, thread: Thread = None, **more: Any) -> Message:
        return await self.says(self.dm, text, thread=thread, **more)

    async def edits(self, message: Message, text: str) -> None:
        assert message.user == self.id, "people edit their own messages only"
        before = message_json(self._state, message)
        at = self._stage.clock.timestamp()
        message.says(self._content(text, message.content.file_names))
        message.edited = {"user": self.id, "ts": at}
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_change(self._state, message, before, at))

    async def deletes(self, message: Message) -> None:
        before = message_json(self._state, message)
        message.deleted = True
        self._pulse.beat()
        at = self._stage.clock.timestamp()
        await self._stage.dispatch.tell(news.about_deletion(self._state, message, before, at))

    async def joins(self, where: Place, *, invited_by: "Person | None" = None) -> None:
        channel = self._channel(where)
        channel.members.add(self.id)
        joined = Message(
            channel=channel.id,
            ts=self._stage.clock.timestamp(),
            user=self.id,
            team=self.user.team,
            content=Content(f"<@{self.id}> has joined the channel"),
            subtype="channel_join",
            inviter=invited_by.id if invited_by else self.id,
        )
        self._state.messages.append(joined)
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_message(self._state, joined))

    def leaves(self, where: Place) -> None:
        self._channel(where).members.discard(self.id)

    def _member_of(self, where: Place) -> Channel:
        channel = self._channel(where)
        assert self.id in channel.members, f"{self.user.name} is not in {channel.name}"
        return channel

    def _content(self, text: str, files: tuple[str, ...]) -> Content:
        fallback = typed(text)
        return Content(fallback, (rich_text(fallback, block_id=f"b{self._state.number():04d}"),), files)
