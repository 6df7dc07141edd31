"""What went wrong with a call to Discord, in the three words that the runtime knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from runtime.errors import PlatformError, PlatformLimited, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.pauses import seconds_asked

UNKNOWN_CHANNEL = 10_003
UNKNOWN_GUILD = 10_004
UNKNOWN_MEMBER = 10_007
UNKNOWN_MESSAGE = 10_008
UNKNOWN_USER = 10_013
TOO_MANY_EDITS = 30_046
NO_ACCESS = 50_001
NO_DIRECT_MESSAGES = 50_007
NO_PERMISSION = 50_013
NOT_IN_THIS_CHANNEL = 50_024
ARCHIVED = 50_083
THREAD_EXISTS = 160_004
THREAD_LOCKED = 160_005
TOO_MANY_THREADS = 160_006

_CREDENTIALS_PAUSE = 60.0
_LOCKED_OUT_PAUSE = 60.0
_OLD_EDIT_PAUSE = 60.0
_CLOSED = "Session is closed"  # aiohttp has no class of its own for it
_UNCLEAR = frozenset({500, 502, 504, 520, 522, 524})


class DiscordRefused(PlatformRefused):
    """Discord's own number for why, for those who know a way around it."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@asynccontextmanager
async def writing(patience: float) -> AsyncIterator[None]:
    """Calls that must not happen twice: what is unclear, or takes longer than `patience`, stays unclear."""
    try:
        async with asyncio.timeout(patience):
            yield
    except (TimeoutError, discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise translated(error) from error
    except RuntimeError as error:
        if str(error) != _CLOSED:
            raise
        raise PlatformUnclear("Discord's client was closed while the library held a call back") from error


@asynccontextmanager
async def repeatable(patience: float) -> AsyncIterator[None]:
    """Reads, and writes that can simply be done again: what is unclear has not happened."""
    try:
        async with writing(patience):
            yield
    except PlatformUnclear as error:
        raise PlatformUnavailable(str(error)) from error


def translated(error: BaseException) -> PlatformError:
    match error:
        case discord.RateLimited():
            return PlatformLimited("Discord asks for patience", retry_after=seconds_asked(error.retry_after))
        case discord.HTTPException():
            return _answered(error)
        case discord.DiscordException():
            return PlatformRefused(f"Discord's library refused the request: {error}")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return PlatformUnavailable(f"Discord cannot be reached ({type(error).__name__})")
        case _:
            return PlatformUnclear(f"Discord did not answer ({type(error).__name__})")


def _answered(error: discord.HTTPException) -> PlatformError:
    status, code = error.status, error.code
    if code == TOO_MANY_EDITS:
        return PlatformUnavailable("Discord wants fewer changes of old messages", retry_after=_OLD_EDIT_PAUSE)
    if status == 429:  # once too often, or from an address that is locked out
        return PlatformLimited("Discord asks for patience", retry_after=_LOCKED_OUT_PAUSE)
    if status == 401:
        return PlatformUnavailable("Discord does not take our token", retry_after=_CREDENTIALS_PAUSE)
    if status in _UNCLEAR:
        return PlatformUnclear(f"Discord failed ({status})")
    if status >= 500:
        return PlatformUnavailable(f"Discord is not available now ({status})")
    return DiscordRefused(code, f"Discord refused: {error.text or status} ({code})")
