"""Where the library's events meet the rest. Nothing here waits: what an event means is begun, and owned, at once.

A gateway takes no acknowledgement of messages and sends none again, so the door is asked until it has committed.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import discord

from bots.discord import hearing
from bots.discord.catchup import CatchUp
from bots.discord.clicks import Clicks
from bots.discord.inbound import Heard, Kind, Location, find_message, is_noise
from bots.discord.interactions import read_custom_id
from bots.discord.lanes import Lanes
from bots.discord.locations import Channel, Locations
from bots.discord.presses import is_pressed
from bots.discord.sessions import Sessions
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.telling import Interaction, Telling
from bots.discord.threads import Threads
from runtime.chores import Chores
from runtime.door import Door
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.steadiness import insist

log = logging.getLogger(__name__)

NOT_SERVED = "I do not work on this server."

_LOOK_AGAIN = 1.0


class Listeners:
    def __init__(
        self,
        *,
        door: Door,
        me: Identity,
        settings: DiscordSettings,
        locations: Locations,
        threads: Threads,
        clicks: Clicks,
        telling: Telling,
        sessions: Sessions,
        catch_up: CatchUp,
        chores: Chores,
    ) -> None:
        self._door = door
        self._me = me
        self._guilds = settings.guilds
        self._locations = locations
        self._threads = threads
        self._clicks = clicks
        self._telling = telling
        self._sessions = sessions
        self._catch_up = catch_up
        self._chores = chores
        self._lanes = Lanes(chores)
        self._not_served: set[int] = set()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Take nothing new. Messages are caught up with at the next start."""
        self._closing.set()

    def heard(self, message: discord.Message) -> None:
        self._sessions.heard(message.id)
        if self._closing.is_set() or not self.serves(message.guild):
            return
        heard, channel = hearing.heard_in(message, self._me), message.channel
        if is_noise(heard, self._me):
            return
        place = self._locations.find(channel)
        if place is None or find_message(heard, place, self._me) is not None:
            self._lanes.put(channel.id, partial(self._receive, heard, channel))

    def interacted(self, interaction: Interaction) -> None:
        """Forms, and buttons that the library does not find; commands go their own way."""
        match interaction.type:
            case discord.InteractionType.modal_submit:
                self.used(interaction)
            case discord.InteractionType.component if not is_pressed(interaction):
                self.used(interaction)

    def used(self, interaction: Interaction) -> None:
        """A button or a form."""
        if not self._closing.is_set():
            self._chores.spawn(self._handle(interaction), "click")

    def serves(self, guild: discord.Guild | discord.Object | None) -> bool:
        """Whether we work there. Direct messages belong to no server."""
        if guild is None or not self._guilds or str(guild.id) in self._guilds:
            return True
        if guild.id not in self._not_served:
            self._not_served.add(guild.id)
            log.info("Discord: server %d is left alone: it is not in MALLARD_DISCORD_GUILDS", guild.id)
        return False

    async def admits(self, interaction: Interaction) -> bool:
        """Whether an interaction is for us; says so where it is not."""
        if self._closing.is_set():
            return False
        if self.serves(interaction.guild):
            return True
        await self._telling.acknowledge(interaction, thinking=True)
        await self._telling.note(interaction, NOT_SERVED)
        return False

    def sent_away(self, guild: discord.Guild) -> None:
        log.warning(
            "Discord: we were removed from the server %s (%d); what is owed there stays unsaid", guild, guild.id
        )

    async def _receive(self, heard: Heard, channel: Channel) -> None:
        """The door's commit is the first thing that is waited for, wherever the channel is known."""
        place = self._locations.find(channel) or await self._look_up(channel)
        message = find_message(heard, place, self._me)
        if message is None:
            return
        if place.kind is Kind.DIRECT:
            self._catch_up.remember_direct(place.channel)
        if place.kind is Kind.CHANNEL:
            self._threads.note(heard.id, message.text)
        await insist(partial(self._door.receive, message), unless=self._closing)

    async def _look_up(self, channel: Channel) -> Location:
        while True:
            try:
                return await self._locations.look_up(channel.id)
            except PlatformUnavailable as error:
                log.warning("Discord does not say now what channel %d is: %s", channel.id, error)
                await asyncio.sleep(error.retry_after or _LOOK_AGAIN)
            except PlatformRefused as error:
                log.warning("a message in channel %d is left alone: %s", channel.id, error)
                return Location(kind=Kind.ELSEWHERE, channel=channel.id)

    async def _handle(self, interaction: Interaction) -> None:
        sent: Mapping[str, Any] = interaction.data or {}
        custom_id = str(sent.get("custom_id") or "")
        used = read_custom_id(custom_id)
        is_form = interaction.type is discord.InteractionType.modal_submit
        if not await self.admits(interaction):
            return
        if used is None or used.is_form is not is_form:
            log.debug("nothing to do for %r", custom_id)
            await self._telling.acknowledge(interaction)
            return
        place = self._locations.find(interaction.channel) if interaction.channel is not None else None
        place = place or Location(kind=Kind.ELSEWHERE, channel=interaction.channel_id or 0, guild=interaction.guild_id)
        click = hearing.click_in(interaction, used, place.conversation())
        if is_form:
            await self._clicks.submitted(click, interaction)
        else:
            await self._clicks.clicked(click, interaction)
