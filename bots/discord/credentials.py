"""Who the token makes us: asked once, at start, with advice where Discord does not take it."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from bots.discord.settings import API, DiscordSettings, Identity
from runtime.errors import SettingsError

CANNOT_READ = (
    "what people say in threads can only be read where they mention the bot; "
    "switch on Bot → Privileged Gateway Intents → Message Content Intent, then start again"
)
"""What is missing without that switch, and where it is."""

_MAY_READ = 1 << 18 | 1 << 19  # the application's flags for it, above and below 10,000 people
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
    try:
        async with session.get(f"{settings.api_url}{path}") as answer:
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
            found: Mapping[str, Any] = await answer.json(content_type=None)
            return found
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise SettingsError(
            f"MALLARD_DISCORD_TOKEN: Discord cannot be reached ({type(error).__name__}). "
            "Check the network and discordstatus.com, then start again"
        ) from error
