"""Words for one person alone: through the interaction that asked for them, else in their direct messages."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import discord

from bots.discord import cards, pages, places
from bots.discord.components import Component
from bots.discord.failures import DiscordRefused, repeatable, writing
from bots.discord.membership import Membership
from bots.discord.posting import NONE, Posting
from bots.discord.shown import Form, Shown
from runtime.contents import Card, Content, Page, Text
from runtime.errors import PlatformError

log = logging.getLogger(__name__)

Interaction: TypeAlias = discord.Interaction[Any]

ALREADY_ACKNOWLEDGED = 40_060

DEADLINE = 3.0
"""Seconds in which an interaction has to be answered; afterwards Discord has told the person that it failed."""


class Telling:
    """An acknowledgement that Discord took and failed to say so is repeated by the library, and refused then: it counts."""

    def __init__(self, posting: Posting, membership: Membership, patience: float) -> None:
        self._posting = posting
        self._membership = membership
        self._patience = patience

    async def acknowledge(self, interaction: Interaction, *, thinking: bool = False) -> None:
        """At once, before anything else is done. `thinking` opens the answer that only this person will see."""
        if interaction.response.is_done():
            return
        try:
            async with _once(), repeatable(DEADLINE):
                await interaction.response.defer(ephemeral=thinking, thinking=thinking)
        except PlatformError as error:
            log.info("an interaction was not acknowledged: %s", error)

    async def open(self, interaction: Interaction, form: Component) -> None:
        """A modal, which is an acknowledgement as well. Raises PlatformError."""
        async with _once(), repeatable(DEADLINE):
            await interaction.response.send_modal(Form(form))

    async def say(self, interaction: Interaction, words: str) -> None:
        """A message of its own."""
        await self._tell(interaction, pages.note_components(words), Text(markdown=words))

    async def show(self, interaction: Interaction, content: Card | Page) -> None:
        """A message of its own."""
        await self._tell(interaction, _components_of(content, interaction), content)

    async def answer(self, interaction: Interaction, content: Page) -> None:
        """In the place that was kept for it when a command was acknowledged."""
        try:
            await self.redraw(interaction, content)
        except PlatformError as error:
            log.info("a command cannot be answered where it was given: %s", error)
            await self._by_direct_message(interaction, content)

    async def note(self, interaction: Interaction, words: str) -> None:
        """The same, in a few words."""
        await self.answer(interaction, Page(title="Mallard", entries=(), note=words))

    async def redraw(self, interaction: Interaction, content: Card | Page) -> None:
        """What was clicked, where one person alone sees it. Raises PlatformError."""
        components = _components_of(content, interaction)
        async with repeatable(self._patience):
            await interaction.edit_original_response(view=Shown(components), allowed_mentions=NONE)

    async def _tell(self, interaction: Interaction, components: Sequence[Component], content: Content) -> None:
        try:
            async with writing(self._patience):
                await interaction.followup.send(view=Shown(components), ephemeral=True, allowed_mentions=NONE)
        except PlatformError as error:
            log.info("no answer through the interaction: %s", error)
            await self._by_direct_message(interaction, content)

    async def _by_direct_message(self, interaction: Interaction, content: Content) -> None:
        by = places.user(interaction.user.id)
        try:
            home = await self._membership.direct_message(by)
            await self._posting.post(home, content, key=key_of(interaction))
        except PlatformError as error:
            log.warning("%s could not be told anything: %s", by, error)


@asynccontextmanager
async def _once() -> AsyncIterator[None]:
    try:
        yield
    except DiscordRefused as refusal:
        if refusal.code != ALREADY_ACKNOWLEDGED:
            raise


def key_of(interaction: Interaction) -> str:
    """What one interaction brings about is posted once."""
    return f"i{interaction.id}"


def _components_of(content: Card | Page, interaction: Interaction) -> list[Component]:
    mark = places.mark_of(key_of(interaction))
    return cards.card_components(content, mark) if isinstance(content, Card) else pages.page_components(content, mark)
