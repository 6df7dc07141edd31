"""The platforms that a process speaks on, made from the settings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from bots.settings import Settings
from runtime.ports import Clock, Platform
from runtime.tools.passwords import Passwords

if TYPE_CHECKING:
    from bots.terminal.platform import TerminalPlatform
    from bots.web.server import Mount, Probe


class Chosen(Struct, frozen=True, kw_only=True):
    """The platforms that a process speaks on, and who asks for passwords at its terminal. With none it only looks and decides."""

    slack: bool = False
    discord: bool = False
    terminal: "TerminalPlatform | None" = None
    passwords: Passwords | None = None


def make_platforms(settings: Settings, chosen: Chosen, clock: Clock) -> dict[str, Platform]:
    """The chosen platforms by name, not started yet."""
    platforms: dict[str, Platform] = {}
    if chosen.slack and settings.slack_bot_token is not None:
        from bots.slack import SlackPlatform, SlackSettings

        slack = SlackSettings(
            bot_token=settings.slack_bot_token.get_secret_value(),
            app_token=settings.slack_app_token.get_secret_value() if settings.slack_app_token else None,
            signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None,
            mode=settings.slack_mode,
            api_base_url=f"{str(settings.slack_api_url).rstrip('/')}/",
        )
        platforms["slack"] = SlackPlatform(slack, clock)
    if chosen.discord and settings.discord_token is not None:
        from bots.discord import DiscordPlatform, DiscordSettings

        discord = DiscordSettings(
            token=settings.discord_token.get_secret_value(),
            api_url=str(settings.discord_api_url).rstrip("/"),
            guilds=frozenset(settings.discord_guilds),
            known_people=_known_on("discord", settings),
            message_content=settings.discord_message_content,
            commands=settings.discord_commands,
        )
        platforms["discord"] = DiscordPlatform(discord, clock)
    if chosen.terminal is not None:
        platforms[chosen.terminal.name] = chosen.terminal
    return platforms


def _known_on(platform: str, settings: Settings) -> tuple[str, ...]:
    """Whoever the settings name there: where a bot cannot list its direct messages, these are looked at."""
    named = (*settings.named_users, *settings.approvers, *settings.admins)
    return tuple(sorted({person.id for person in named if person.platform == platform}))


def mounts_of(platforms: Mapping[str, Platform], settings: Settings) -> "tuple[Mount, ...]":
    """The endpoints that platforms want on the web server."""
    from bots.slack.platform import SlackPlatform
    from bots.web.server import Mount

    slack = platforms.get("slack")
    if isinstance(slack, SlackPlatform) and settings.slack_mode == "http":
        return (Mount(path="/slack/events", handler=slack.receive_http),)
    return ()


def probe_of(platform: Platform) -> "Probe":
    """Whether a platform is connected, for `/readyz`."""

    async def ask() -> str:
        health = getattr(platform, "health", None)
        if health is None:
            return ""
        found = health()
        return "" if found.ok else str(found.words)

    return ask
