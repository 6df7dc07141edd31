"""Discord, and nothing that another platform would need. Importing it does not load discord.py."""

from bots.discord.settings import DiscordSettings

__all__ = ["DiscordSettings"]
