"""The pond on a loopback Slack."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from tests.crashes.nursery import LONGEST_LIFE
from tests.crashes.on_chat import PATIENCE, Pond, Said
from tests.crashes.trial import Chat
from tests.fakes.capture import Capture
from tests.fakes.slack import Message, Slack


class SlackPond(Pond):
    def __init__(self, slack: Slack) -> None:
        super().__init__()
        self.slack = slack
        self._ann, self._bob = slack.person("UANN"), slack.person("UBOB")
        self._channel = slack.channel("pond", members=[self._ann, self._bob])
        self.chat = Chat(
            platform="slack",
            url=slack.base_url,
            token=slack.bot_token,
            space="T1",
            asker=self._ann.id,
            decider=self._bob.id,
        )

    async def connected(self) -> None:
        await self.slack.connected(timeout=LONGEST_LIFE)

    async def asks(self) -> None:
        await self._ann.mentions(self._channel, "Do it.")

    async def clicks(self, card: Said, label: str) -> None:
        assert isinstance(card, Message)
        await self._bob.clicks(card, label)

    def said(self) -> Sequence[Said]:
        return self.slack.answers(self._channel)

    async def until(self, look: Callable[[], tuple[Said, str] | None]) -> tuple[Said, str]:
        return await self.slack.until(look, timeout=PATIENCE)

    async def left(self) -> None:
        await self.slack.until(lambda: not self.slack.socket.sockets)

    def picture(self) -> str:
        return self.slack.picture()

    def check_manners(self) -> None:
        assert not self.slack.violations, self.slack.violations


@asynccontextmanager
async def open_slack_pond(capture: Capture | None = None) -> AsyncIterator[Pond]:
    async with Slack(capture=capture) as slack:
        yield SlackPond(slack)
