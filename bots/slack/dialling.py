"""Connecting: each attempt with a ticket of its own, the next one soon, and then ever more seldom."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp

from bots.slack.failures import translated
from bots.slack.settings import SlackSettings
from runtime.connection import ConnectionState
from runtime.errors import PlatformError, PlatformUnavailable
from runtime.pauses import doubled

_SPREAD = 0.25


def waits(settings: SlackSettings, chance: Callable[[], float] = random.random) -> Iterator[float]:
    """Seconds between attempts: doubled each time up to the longest, and by `chance`, from 0 to 1, up to a quarter less, so that
    those who lost their connections together do not come back together."""
    for wait in doubled(settings.first_redial, settings.longest_redial):
        yield wait * (1 - _SPREAD * chance())


class Dialling:
    """As much of an HTTP session as the library's client uses. It would try the ticket of a refused handshake for ever, at the
    pace of its pings: here each further attempt gets a new one. `new_ticket` raises PlatformError."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        new_ticket: Callable[[], Awaitable[str]],
        settings: SlackSettings,
        state: ConnectionState,
    ) -> None:
        self._session = session
        self._new_ticket = new_ticket
        self._settings = settings
        self._state = state
        self._left = asyncio.Event()

    @property
    def closed(self) -> bool:
        return self._session.closed

    async def ws_connect(self, ticket: str, **options: Any) -> Any:
        """Returns once connected. Raises RuntimeError once closed."""
        for wait in waits(self._settings):
            pause = wait
            try:
                ticket = ticket or await self._new_ticket()
                async with asyncio.timeout(self._settings.request_timeout):  # of itself it takes five minutes
                    return await self._session.ws_connect(ticket, **options)
            except PlatformError as error:  # who asked for the ticket has told the state
                if isinstance(error, PlatformUnavailable):
                    pause = max(pause, error.retry_after or 0.0)
            except aiohttp.WSServerHandshakeError as refusal:
                self._state.disconnect(f"Slack refused a connection ({refusal.status}); trying again")
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._state.disconnect(str(translated(error)))
            ticket = ""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._left.wait()
        raise AssertionError("there is always another attempt")

    async def close(self) -> None:
        self._left.set()
        await self._session.close()
