"""A person's question on Discord, and the answers that it gets."""

import asyncio

from bots.discord import DiscordPlatform
from runtime.ports import Stream, StreamRequest
from runtime.records import ConversationRef, MessageRef, RunId, UserRef
from tests.fakes.discord import Channel, Discord, Message, Person

POST, PATCH = "POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}"


class Asked:
    """A person's question, and the streams that answer it."""

    def __init__(self, discord: Discord, person: Person, channel: Channel, message: Message, key: str) -> None:
        self.key = key
        self.discord, self.person, self.channel, self.message = discord, person, channel, message
        self.posted: list[MessageRef] = []
        self.heard = asyncio.Event()

    @property
    def where(self) -> ConversationRef:
        thread = "" if self.channel.is_direct else self.message.id
        return ConversationRef(
            platform="discord", space=self.channel.guild or "", channel=self.channel.id, thread=thread
        )

    def request(self) -> StreamRequest:
        return StreamRequest(
            run_id=RunId(3),
            where=self.where,
            direct=self.channel.is_direct,
            asked_by=UserRef(platform="discord", id=self.person.id),
            message_id=self.message.id,
            key="run-3",
        )

    async def on_posted(self, message: MessageRef) -> None:
        self.posted.append(message)
        self.heard.set()

    async def begun(self, platform: DiscordPlatform, first: str = "It ") -> Stream:
        """A stream whose first words stand there."""
        stream = platform.open_stream(self.request())
        await stream.begin_answer(self.key, self.on_posted)
        await stream.append(first)
        async with asyncio.timeout(5):
            await self.heard.wait()
        return stream

    @property
    def answers(self) -> list[Message]:
        return self.discord.answers(self.where.thread or self.channel.id)

    @property
    def is_typed_in(self) -> bool:
        return self.discord.types_in(self.where.thread or self.channel.id)
