"""Buttons that outlive restarts: the library recognises ours by their custom id, whoever posted them, and when."""

import re
from typing import Any, Self

import discord
from discord import ui

from bots.discord.settings import PREFIX


class Press(ui.DynamicItem["ui.Button[Any]"], template=re.escape(PREFIX) + r"(?P<rest>[\s\S]{1,92})"):
    @classmethod
    async def from_custom_id(
        cls, interaction: "discord.Interaction[Any]", item: "ui.Item[Any]", match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, ui.Button)  # noqa: S101  nothing else of ours has a custom id
        return cls(item)

    async def callback(self, interaction: "discord.Interaction[Any]") -> None:
        interaction.client.listeners.pressed(interaction)
