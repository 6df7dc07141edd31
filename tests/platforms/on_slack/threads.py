"""A question in a thread, and the streams that answer it."""

import asyncio

from bots.slack import SlackPlatform
from runtime.ports import Stream, StreamRequest
from runtime.records import ConversationRef, MessageRef, RunId, UserRef
from tests.fakes.slack import Channel, Message, Slack


class Thread:
    """A person's question in a channel, and the streams that answer it."""

    def __init__(self, slack: Slack, channel: Channel, asked: Message, *, direct: bool = False) -> None:
        self.slack, self.channel, self.asked, self.direct = slack, channel, asked, direct
        self.posted: list[MessageRef] = []
        self.heard = asyncio.Event()

    @property
    def where(self) -> ConversationRef:
        return ConversationRef(platform="slack", space="T1", channel=self.channel.id, thread=self.asked.ts)

    def request(self) -> StreamRequest:
        return StreamRequest(
            run_id=RunId(3),
            where=self.where,
            direct=self.direct,
            asked_by=UserRef(platform="slack", space="T1", id="UALICE"),
            message_id=self.asked.ts,
            key="run-3",
        )

    async def on_posted(self, message: MessageRef) -> None:
        self.posted.append(message)
        self.heard.set()

    async def begun(self, platform: SlackPlatform, first: str = "It ") -> Stream:
        """A stream whose first words stand there."""
        stream = platform.open_stream(self.request())
        await stream.begin_answer("answer-3", self.on_posted)
        await stream.append(first)
        async with asyncio.timeout(5):
            await self.heard.wait()
        return stream

    @property
    def answers(self) -> list[Message]:
        return self.slack.answers(self.channel, self.asked)
