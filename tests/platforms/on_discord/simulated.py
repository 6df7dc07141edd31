"""A Discord without sockets: the real library and our adapter, driven by simcord.

It knows what Discord does with permissions, commands, modals and ephemeral messages, and refuses what Discord would.
Of delivery it knows nothing: no gateway that breaks, no nonce, no rate limit; for those there is the loopback.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import discord
from simcord.env import Env

from bots.discord.guildhall import Guildhall
from bots.discord.settings import DiscordSettings, Identity
from runtime.connection import ConnectionState
from runtime.contents import Card
from runtime.records import ConversationRef, MessageRef
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GAbCdE.invented-for-tests-and-nobody-else"


class Simulation:
    """A server with a channel and two people in it, and us."""

    def __init__(self, env: Env, door: RecordingDoor, settings: DiscordSettings) -> None:
        self.env = env
        self.door = door
        self.settings = settings
        self.guild = env.create_guild()
        self.pond = self.guild.create_text_channel("pond")
        self.ann = self.guild.add_member(env.create_user("ann"))
        self.bob = self.guild.add_member(env.create_user("bob"))
        self.hall = self._new_hall()

    @classmethod
    async def begin(cls, env: Env, door: RecordingDoor, settings: DiscordSettings) -> Self:
        simulation = cls(env, door, settings)
        await env.restart_bot(simulation.hall.connection.adopt())
        return simulation

    async def restart(self) -> None:
        """Another process of ours, with the same door behind it."""
        await self.hall.leave()
        self.hall = self._new_hall()
        await self.env.restart_bot(self.hall.connection.adopt())

    async def asks(self, words: str = "may I?") -> discord.Message:
        assert self.env.bot.user is not None
        return await self.ann.send(self.pond, f"{self.env.bot.user.mention} {words}")

    async def card(self, shown: Card | None = None) -> tuple[discord.Message, MessageRef]:
        """A card in the thread of a new request, as people see it, and as we name it."""
        asked, shown = await self.asks(), shown or card()
        for button in shown.buttons:
            self.door.cards[button.token] = shown
        ref = await self.hall.posting.post(self.thread_of(asked), shown, key="card-7")
        return self.newest(), ref

    def thread_of(self, asked: discord.Message) -> ConversationRef:
        return ConversationRef(
            platform="discord", space=str(self.guild.id), channel=str(self.pond.id), thread=str(asked.id)
        )

    def newest(self) -> discord.Message:
        found = self.pond.threads[-1].last_message
        assert found is not None
        return found

    def read(self) -> str:
        """All that can be read in the newest message of the newest thread."""
        return texts([each.to_dict() for each in self.newest().components])

    def _new_hall(self) -> Guildhall:
        bot = self.env.bot
        assert bot.user is not None
        assert bot.application_id is not None
        me = Identity(app=bot.application_id, user=bot.user.id)
        return Guildhall(self.settings, self.env, ConnectionState("Discord", redacted=str), self.door, me)


@asynccontextmanager
async def simulated(door: RecordingDoor, **changes: Any) -> AsyncIterator[Simulation]:
    settings = DiscordSettings(**{"token": TOKEN, "ready_timeout": 0.01, "stop_patience": 2.0, **changes})
    intents = discord.Intents.none()
    intents.guilds = True
    env = Env(discord.Client(intents=intents))
    await env.start()
    try:
        simulation = await Simulation.begin(env, door, settings)
        yield simulation
        await simulation.hall.leave()
        env.raise_errors()
    finally:
        await env.shutdown()


def texts(components: Sequence[Any]) -> str:
    """All that can be read in components, in order."""
    said = []
    for each in components:
        said += [str(each[name]) for name in ("content", "label") if each.get(name)]
        said += [texts(each["components"])] if each.get("components") else []
        said += [texts([each[name]]) for name in ("component", "accessory") if each.get(name)]
    return "\n".join(said)
