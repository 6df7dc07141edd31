"""The process of the contract on Slack: `mallard up slack` against the loopback."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.slack import Message
from tests.platforms.contract.scene import Card
from tests.platforms.contract.service import Service
from tests.platforms.on_slack.contract_scene import as_offered
from tests.stories.town import Town, open_town


class SlackService(Service):
    """alice asks, bob decides."""

    def __init__(self, folder: Path, town: Town) -> None:
        super().__init__(folder)
        self._town = town
        self._life = AsyncExitStack()
        self._asked: Message | None = None

    async def start(self) -> None:
        self._child = await self._life.enter_async_context(self._town.up())

    async def kill(self) -> None:
        await self._child.kill()
        await self.end()

    async def stop(self) -> None:
        await self._child.stop()
        await self.end()
        assert "Traceback" not in self._town.said

    async def end(self) -> None:
        await self._life.aclose()
        await self._town.slack.until(lambda: not self._town.slack.socket.sockets)

    async def says(self, text: str) -> None:
        self._asked = await self._town.alice.mentions(self._town.pond, text)

    async def card(self, number: int) -> Card:
        return await self._seen(f"Approval {number}:")

    async def clicks(self, card: Card, label: str) -> None:
        assert isinstance(card, Message)
        assert (await self._town.bob.clicks(as_offered(card, label), label)).acked

    async def is_told(self, words: str) -> None:
        await self._town.ephemeral(self._town.bob, words)

    async def hears(self, words: str) -> None:
        await self._seen(words)

    async def _seen(self, words: str) -> Message:
        assert self._asked is not None
        return await self._town.answer(self._asked, words)

    def heard(self, words: str) -> int:
        assert self._asked is not None
        return len(self._town.answers(self._asked, words))


@asynccontextmanager
async def open_slack_service(folder: Path, capture: Any = None) -> AsyncIterator[SlackService]:
    async with open_town(folder, capture) as town:
        service = SlackService(folder, town)
        try:
            yield service
        finally:
            await service.end()
