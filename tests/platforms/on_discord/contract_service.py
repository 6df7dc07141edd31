"""The process of the contract on Discord: `mallard up discord` against the loopback."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.discord import Discord, Message
from tests.platforms.contract.scene import Card
from tests.platforms.contract.service import Service
from tests.platforms.on_discord.shown_cards import ShownCard, as_offered
from tests.stories.children import Child

PATIENCE = 30.0


class DiscordService(Service):
    """alice asks, bob decides."""

    def __init__(self, folder: Path, discord: Discord) -> None:
        super().__init__(folder)
        self._discord = discord
        discord.patience = PATIENCE
        self._alice, self._bob = discord.person("alice"), discord.person("bob")
        self._pond = discord.channel("pond", members=[self._alice, self._bob])
        self._child = Child(folder, "up", "discord", patience=PATIENCE)
        self._asked: Message | None = None
        names = {
            "MALLARD_DISCORD_TOKEN": discord.token,
            "MALLARD_DISCORD_API_URL": discord.api_url,
            "MALLARD_USERS": f"discord:{self._alice.id}",
            "MALLARD_APPROVERS": f"discord:{self._bob.id}",
        }
        (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in names.items()))

    async def start(self) -> None:
        await self._child.start()
        await self._discord.connected(timeout=PATIENCE)

    async def kill(self) -> None:
        await self._child.kill()
        await self._discord.until(lambda: not self._discord.gateway.sockets)

    async def stop(self) -> None:
        await self._child.stop()
        assert "Traceback" not in self._child.log.read_text()
        await self._discord.until(lambda: not self._discord.gateway.sockets)

    async def end(self) -> None:
        """What still lives is killed."""
        await self.kill()
        if self._child.lives:
            sys.stderr.write(self._child.log.read_text())

    async def says(self, text: str) -> None:
        self._asked = await self._alice.mentions(self._pond, text)

    async def card(self, number: int) -> Card:
        return ShownCard(await self._seen(f"Approval {number}:"))

    async def clicks(self, card: Card, label: str) -> None:
        assert isinstance(card, ShownCard)
        assert (await self._bob.clicks(as_offered(card.message, label), label)).acked

    async def is_told(self, words: str) -> None:
        await self._discord.ephemeral(self._bob, contains=words)

    async def hears(self, words: str) -> None:
        await self._seen(words)

    async def _seen(self, words: str) -> Message:
        assert self._asked is not None
        return await self._discord.message(self._pond, thread=self._asked, contains=words)

    def heard(self, words: str) -> int:
        assert self._asked is not None
        return len([m for m in self._discord.answers(self._pond, self._asked) if words in m.text])


@asynccontextmanager
async def open_discord_service(folder: Path, capture: Any = None) -> AsyncIterator[DiscordService]:
    async with Discord(capture=capture) as discord:
        service = DiscordService(folder, discord)
        try:
            yield service
        finally:
            await service.end()
