"""Discord, and nothing that another platform would need. Importing it does not load discord.py."""

from bots.discord.invite import invite_link
from bots.discord.platform import DiscordPlatform
from bots.discord.settings import DiscordSettings

__all__ = ["DiscordPlatform", "DiscordSettings", "invite_link"]
