"""One started connection to Discord: everything put together, and taken apart again."""

import asyncio
import logging
from typing import Self

import discord

from bots.discord import credentials
from bots.discord.catchup import CatchUp
from bots.discord.clicks import Clicks
from bots.discord.client import MallardClient, hush_the_library, point_at
from bots.discord.commands import Commands
from bots.discord.connection import Connection
from bots.discord.failures import repeatable
from bots.discord.files import Files
from bots.discord.listeners import Listeners
from bots.discord.locations import Locations
from bots.discord.membership import Membership
from bots.discord.places import PLATFORM, snowflake_at
from bots.discord.posting import Posting
from bots.discord.sessions import Sessions
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.streaming import Studio
from bots.discord.sync import synchronise
from bots.discord.telling import Telling
from bots.discord.threads import Threads
from runtime.chores import Chores
from runtime.connection import ConnectionState
from runtime.door import Door
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.gaps import Gaps
from runtime.pauses import doubled
from runtime.ports import Clock

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 600.0


class Guildhall:
    def __init__(
        self, settings: DiscordSettings, clock: Clock, state: ConnectionState, door: Door, me: Identity
    ) -> None:
        self._settings = settings
        self.identity = me
        self._chores = Chores(PLATFORM)
        self._synchronised = False
        self.connection = Connection(settings, state, self._chores, self._make_client)
        client = self.connection.client
        locations = Locations(client, settings.request_timeout)
        threads = Threads(client, me, settings, door.mask)
        self.posting = Posting(client, me, settings, threads)
        self.membership = Membership(client, settings)
        self.studio = Studio(client, self.posting, threads, settings, self._chores)
        self.files = Files(client, settings)
        self.catch_up = CatchUp(client, me, settings, clock, self.membership, locations, threads)
        gaps = Gaps(PLATFORM, door, self._chores)
        self._sessions = Sessions(gaps, self.catch_up.since, start=snowflake_at(clock.now()))
        telling = Telling(self.posting, self.membership, settings.request_timeout)
        clicks = Clicks(door, self.posting, self.membership, telling, modal_patience=settings.modal_patience)
        self._listeners = Listeners(
            door=door,
            me=me,
            settings=settings,
            locations=locations,
            threads=threads,
            clicks=clicks,
            telling=telling,
            sessions=self._sessions,
            catch_up=self.catch_up,
            chores=self._chores,
        )
        self._commands = Commands(
            door=door,
            me=me,
            settings=settings,
            locations=locations,
            threads=threads,
            telling=telling,
            chores=self._chores,
        )

    @classmethod
    async def enter(cls, settings: DiscordSettings, clock: Clock, state: ConnectionState, door: Door) -> Self:
        """Check the token and connect. Raises SettingsError, and leaves nothing open then."""
        me = await credentials.identify(settings)
        point_at(settings.api_url, await credentials.find_gateway(settings))
        hush_the_library()
        if settings.message_content and not me.may_read:
            log.warning("Discord: %s", credentials.CANNOT_READ)
        hall = cls(settings, clock, state, door, me)
        try:
            await hall.connection.open()
        except BaseException:
            await hall.leave()
            raise
        return hall

    async def leave(self) -> None:
        """Take nothing new, let what was begun come to its end, disconnect."""
        self._listeners.close()
        await self._chores.finish(self._settings.stop_patience)
        await self.connection.close()

    @property
    def limitation(self) -> str:
        """What does not work although all is well, in words for a person; "" for nothing."""
        return "" if self.identity.may_read or not self._settings.message_content else credentials.CANNOT_READ

    def session_began(self) -> None:
        """What is said arrives from now on; what there is on the servers is told in the next seconds."""
        self._sessions.session_began()
        self.connection.began()

    def ready(self) -> None:
        self._sessions.ready()
        if not self._synchronised:
            self._synchronised = True
            self._chores.spawn(self._synchronise(), "commands", endless=True)

    def resumed(self) -> None:
        self.connection.began()

    def lost(self) -> None:
        self.connection.lost()

    async def _synchronise(self) -> None:
        """Tried until Discord says yes or no: the next session, which tries it as well, may be weeks away."""
        for pause in doubled(_FIRST_PAUSE, _LONGEST_PAUSE):
            try:
                client = self.connection.client()
                assert isinstance(client, MallardClient)  # noqa: S101  there is no other way to make one
                async with repeatable(self._settings.request_timeout):
                    await synchronise(client.tree, self._commands.scope)
            except PlatformUnavailable as error:
                log.warning("Discord: the commands are not registered yet: %s", error)
                await asyncio.sleep(max(pause, error.retry_after or 0.0))
            except PlatformRefused as error:
                self._synchronised = False
                log.warning("Discord: the commands are not registered: %s", error)
                return
            else:
                return

    def _make_client(self) -> discord.Client:
        client = MallardClient(self._settings, self.identity, self._listeners, self)
        self._commands.attach(client.tree)
        return client
