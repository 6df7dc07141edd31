"""Who the token makes us: asked once, at start, with advice where Discord does not take it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from bots.discord.settings import API, DiscordSettings, Identity
from runtime.errors import SettingsError
from runtime.pauses import seconds_asked

CANNOT_READ = (
    "what people say in threads can only be read where they mention the bot; "
    "switch on Bot → Privileged Gateway Intents → Message Content Intent, then start again"
)
"""What is missing without that switch, and where it is."""

_MAY_READ = 1 << 18 | 1 << 19  # the application's flags for it, above and below 10,000 people
_PATIENCE = 60.0  # seconds
_AGENT = "DiscordBot (https://github.com/mallard/mallard, 1)"


async def identify(settings: DiscordSettings) -> Identity:
    """Raises SettingsError: without an answer nothing can work."""
    async with _session(settings) as session:
        user = await _ask(session, settings, "/users/@me")
        app = await _ask(session, settings, "/applications/@me")
    allowed = bool(int(app.get("flags") or 0) & _MAY_READ)
    return Identity(
        app=int(app["id"]),
        user=int(user["id"]),
        name=str(user.get("username") or "mallard"),
        may_read=allowed and settings.message_content,
    )


async def find_gateway(settings: DiscordSettings) -> str:
    """The address of the gateway; "" for Discord's own, which the library knows. Raises SettingsError."""
    if settings.api_url == API:
        return ""
    async with _session(settings) as session:
        return str((await _ask(session, settings, "/gateway"))["url"])


def _session(settings: DiscordSettings) -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bot {settings.token}", "User-Agent": _AGENT}
    timeout = aiohttp.ClientTimeout(total=settings.request_timeout, sock_connect=10)
    return aiohttp.ClientSession(headers=headers, timeout=timeout)


async def _ask(session: aiohttp.ClientSession, settings: DiscordSettings, path: str) -> Mapping[str, Any]:
    """The answer. Where Discord asks us to come back later, as after many starts in a row, we do, for a minute in all."""
    patience = _PATIENCE
    while True:
        answered, wait = await _ask_once(session, settings, path, patience)
        if answered is not None:
            return answered
        await asyncio.sleep(wait)
        patience -= wait


async def _ask_once(
    session: aiohttp.ClientSession, settings: DiscordSettings, path: str, patience: float
) -> tuple[Mapping[str, Any] | None, float]:
    """The answer; or None, and in how many seconds to ask again. Raises SettingsError for all else."""
    try:
        async with session.get(f"{settings.api_url}{path}") as answer:
            if answer.status == 429 and (wait := _wait_of(answer)) <= patience:
                return None, wait
            if answer.status == 401:
                raise SettingsError(
                    "MALLARD_DISCORD_TOKEN: Discord does not take this token: it was reset, or is not a bot's. "
                    "Make a new one under Bot → Reset Token, and put it there"
                )
            if answer.status != 200:
                raise SettingsError(
                    f"MALLARD_DISCORD_TOKEN: Discord does not say whose it is ({answer.status}). "
                    "Look at discordstatus.com, then start again"
                )
            return await answer.json(content_type=None), 0.0
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise SettingsError(
            f"MALLARD_DISCORD_TOKEN: Discord cannot be reached ({type(error).__name__}). "
            "Check the network and discordstatus.com, then start again"
        ) from error


def _wait_of(answer: aiohttp.ClientResponse) -> float:
    """The header Retry-After, in seconds; one where it says nothing that can be waited for."""
    return max(seconds_asked(answer.headers.get("Retry-After")) or 0.0, 1.0)
