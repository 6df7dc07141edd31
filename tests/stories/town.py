"""A town with a real `mallard up slack`: the process comes and goes, the loopback Slack and its people stay."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.fakes.slack import Channel, Message, Person, Slack
from tests.stories.children import Child

PATIENCE = 30.0


class Town(Struct, kw_only=True):
    """A loopback Slack with two people in a channel, and a folder with an `.env` that leads there."""

    slack: Slack
    folder: Path
    alice: Person
    bob: Person
    pond: Channel
    child: Child

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Child]:
        """The process, connected. It is killed at the end if it still lives."""
        async with self.process() as child:
            await self.slack.connected(timeout=PATIENCE)
            yield child

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Child]:
        await self.child.start()
        try:
            yield self.child
        finally:
            await self.child.kill()
            sys.stderr.write(self.said)

    @property
    def said(self) -> str:
        """What the process wrote in all of its lives."""
        return self.child.log.read_text()

    def write_settings(self, **changes: str) -> None:
        names = {
            "MALLARD_SLACK_API_URL": self.slack.base_url,
            "MALLARD_SLACK_BOT_TOKEN": self.slack.bot_token,
            "MALLARD_SLACK_APP_TOKEN": self.slack.app_token,
            "MALLARD_USERS": "slack:T1/UALICE",
            "MALLARD_APPROVERS": "slack:T1/UBOB",
            **changes,
        }
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))

    async def answer(self, asked: Message, words: str) -> Message:
        return await self.slack.message(asked.channel, thread=asked, contains=words, timeout=PATIENCE)

    async def card(self, asked: Message) -> Message:
        return await self.answer(asked, "Approval ")

    async def ephemeral(self, person: Person, words: str) -> Message:
        return await self.slack.ephemeral(person, contains=words, timeout=PATIENCE)

    def answers(self, asked: Message, words: str) -> list[Message]:
        return [message for message in self.slack.answers(asked.channel, asked) if words in message.text]

    def read(self, name: str) -> str:
        return (self.folder / "workspace" / name).read_text()


@asynccontextmanager
async def open_town(folder: Path, capture: Any = None) -> AsyncIterator[Town]:
    async with Slack(capture=capture) as slack:
        alice, bob = slack.person("UALICE"), slack.person("UBOB")
        pond = slack.channel("pond", members=[alice, bob])
        child = Child(folder, "up", "slack", patience=PATIENCE)
        town = Town(slack=slack, folder=folder, alice=alice, bob=bob, pond=pond, child=child)
        town.write_settings()
        yield town
        slack.check_clean()
