"""Buttons that outlive restarts: the library recognises ours by their custom id, whoever posted them, and when."""

import re
from collections.abc import Mapping
from typing import Any, Self

import discord
from discord import ui

from bots.discord.components import controls_in
from bots.discord.settings import PREFIX


class Press(ui.DynamicItem["ui.Button[Any]"], template=re.escape(PREFIX) + r"(?P<rest>[\s\S]{1,92})"):
    @classmethod
    async def from_custom_id(
        cls, interaction: "discord.Interaction[Any]", item: "ui.Item[Any]", match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, ui.Button)  # noqa: S101  nothing else of ours has a custom id
        return cls(item)

    async def callback(self, interaction: "discord.Interaction[Any]") -> None:
        interaction.client.listeners.used(interaction)


def is_pressed(interaction: "discord.Interaction[Any]") -> bool:
    """Whether the library comes to `Press` with it. It does not, and says nothing, where the button is not ours or
    does not stand on its message any more."""
    sent: Mapping[str, Any] = interaction.data or {}
    custom_id, message = str(sent.get("custom_id") or ""), interaction.message
    if not custom_id.removeprefix(PREFIX) or not custom_id.startswith(PREFIX) or message is None:
        return False
    return custom_id in controls_in([component.to_dict() for component in message.components])
