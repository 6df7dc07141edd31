"""How the library is kept connected: it gives up where the gateway is away at first, so somebody starts it anew."""

import asyncio
import logging
from collections.abc import Callable

import discord

from bots.discord.client import NothingToResume
from bots.discord.settings import DiscordSettings
from runtime.chores import Chores
from runtime.connection import ConnectionState
from runtime.errors import PlatformUnavailable, SettingsError
from runtime.pauses import doubled

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 120.0  # Discord takes a thousand new sessions a day, then withdraws the token
_TOKEN = "MALLARD_DISCORD_TOKEN: Discord does not take the token any more: make a new one under Bot → Reset Token"  # noqa: S105  advice
_HOPELESS = {
    4004: _TOKEN,
    4010: "Discord does not take our way to connect (4010)",
    4011: "the bot is on so many servers that it needs sharding, which Mallard does not do (4011)",
    4012: "Discord does not speak this version any more: update Mallard (4012)",
    4013: "Discord does not know the intents that were asked for (4013)",
    4014: "Discord does not grant the intents that were asked for: switch on the Message Content Intent (4014)",
}


class Connection:
    """`make` gives a new client for each attempt: one that has failed cannot be used again."""

    def __init__(
        self, settings: DiscordSettings, state: ConnectionState, chores: Chores, make: Callable[[], discord.Client]
    ) -> None:
        self._settings = settings
        self._state = state
        self._chores = chores
        self._make = make
        self._current: discord.Client | None = None
        self._settled = asyncio.Event()
        self._was_up = False
        self._closing = False
        self._keeping: asyncio.Task[None] | None = None

    def client(self) -> discord.Client:
        """The library's client of now. Raises PlatformUnavailable while there is none."""
        if self._current is None or self._current.is_closed() or self._current.user is None:  # not logged in yet
            raise PlatformUnavailable("Discord is not connected")
        return self._current

    def adopt(self) -> discord.Client:
        """A new client, which is the one of now; whoever asks for it connects it."""
        self._current = self._make()
        return self._current

    async def open(self) -> None:
        """Returns once connected, or trying to. Raises SettingsError where trying is hopeless."""
        self._keeping = self._chores.spawn(self._keep_connected(), "connection", endless=True)
        try:
            async with asyncio.timeout(self._settings.connect_patience):
                await self._settled.wait()
        except TimeoutError:
            log.warning("%s; I go on trying", self._state.health().words)
        if self._state.ended:
            raise SettingsError(self._state.ended)

    async def close(self) -> None:
        self._closing = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._current is not None:
            await self._current.close()
        self._state.stop()

    def began(self) -> None:
        """The library says that it is connected."""
        self._state.connect()
        self._was_up = True
        self._settled.set()

    def lost(self) -> None:
        """The library says that it is not any more, and tries again by itself; it says so of what never was, too."""
        if self._state.connected and not self._closing:
            self._state.disconnect("the connection was lost; trying again")

    async def _keep_connected(self) -> None:
        pauses = doubled(_FIRST_PAUSE, _LONGEST_PAUSE)
        while not self._state.ended:
            client, self._was_up = self.adopt(), False
            try:
                # Two calls, for each of which the library waits five minutes.
                async with asyncio.timeout(2 * self._settings.request_timeout):
                    await client.login(self._settings.token)
                await client.connect()
            except Exception as error:
                if hopeless := _hopeless(error):
                    self._state.end(hopeless)
                else:
                    self._state.disconnect(_why(error))
            finally:
                await asyncio.shield(client.close())  # half closed it could not be closed any more
            if self._state.ended:
                self._settled.set()
                return
            if self._was_up:
                pauses = doubled(_FIRST_PAUSE, _LONGEST_PAUSE)
            await asyncio.sleep(next(pauses))


def _hopeless(error: Exception) -> str:
    """Why trying again would not help, "" where it may."""
    match error:
        case discord.LoginFailure():
            return _TOKEN
        case discord.PrivilegedIntentsRequired():
            return _HOPELESS[4014]
        case discord.ConnectionClosed():
            return _HOPELESS.get(error.code, "")
        case _:
            return ""


def _why(error: Exception) -> str:
    if isinstance(error, NothingToResume):
        return "the gateway cannot be reached"
    if isinstance(error, TimeoutError):
        return "Discord does not answer"
    return f"{type(error).__name__}: {error}"
