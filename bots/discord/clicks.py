"""What becomes of a click. Every path acknowledges it, and ends with words for the clicker."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bots.discord import forms
from bots.discord.interactions import Click
from bots.discord.membership import Membership
from bots.discord.posting import Posting
from bots.discord.telling import Interaction, Telling, key_of
from runtime.agent import Outcome
from runtime.cards import card_as_file
from runtime.contents import Card, File
from runtime.door import Door, Settlement
from runtime.errors import PlatformError, PlatformRefused
from runtime.records import Verdict

log = logging.getLogger(__name__)

_TROUBLE = "That did not work, and nothing was decided. Please try again."
_UNKNOWN = "There is nothing here any more that you may see."
_ONCE_MORE = "Discord did not open the form in time. Please click once more."
_IN_DM = "It is too long for a form: the whole of it is in our direct messages."
_CLOSED_DM = "It is too long for a form, and I may not write to you: allow direct messages here, then click once more."
_STALE = (Outcome.ALREADY_DECIDED, Outcome.EXPIRED)


class Clicks:
    """`modal_patience` is how long a card may take to be read, where a form must be the acknowledgement."""

    def __init__(
        self, door: Door, posting: Posting, membership: Membership, telling: Telling, *, modal_patience: float
    ) -> None:
        self._door = door
        self._posting = posting
        self._membership = membership
        self._telling = telling
        self._modal_patience = modal_patience

    async def clicked(self, click: Click, interaction: Interaction) -> None:
        """A button. Whatever fails, the person hears of it."""
        await self._to_the_end(click, interaction, self._clicked(click, interaction))

    async def submitted(self, click: Click, interaction: Interaction) -> None:
        """A form that was sent off."""
        await self._to_the_end(click, interaction, self._settle(click, interaction))

    async def _to_the_end(self, click: Click, interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("a click on %r failed", click.verb)
            await self._answer(interaction, _TROUBLE)

    async def _clicked(self, click: Click, interaction: Interaction) -> None:
        if click.is_page:
            await self._turn(click, interaction)
        elif click.verb == "show":
            await self._show(click, interaction)
        elif click.verb in forms.FORMS:
            await self._ask(click, interaction)
        else:
            await self._settle(click, interaction)

    async def _settle(self, click: Click, interaction: Interaction) -> None:
        await self._telling.acknowledge(interaction)
        settlement = await self._door.click(
            click.token, by=click.by, by_name=click.by_name, where=click.where, comment=click.words
        )
        await self._telling.say(interaction, settlement.words)
        await self._heal(click, settlement, interaction)

    async def _ask(self, click: Click, interaction: Interaction) -> None:
        """Ask for words. What is not open to this person any more is settled at once, and says so."""
        try:
            card = await self._card(click)
        except TimeoutError:
            await self._without_form(click, interaction)
            return
        if card is None or not any(button.token == click.token for button in card.buttons):
            await self._settle(click, interaction)
            return
        try:
            await self._telling.open(interaction, forms.form(click.verb, card, token=click.token))
        except PlatformError as error:
            log.info("no form for %r: %s", click.verb, error)
            await self._without_form(click, interaction)

    async def _without_form(self, click: Click, interaction: Interaction) -> None:
        """A no needs no reason; everything else needs its words."""
        if click.verb == Verdict.DENY:
            await self._settle(click, interaction)
        else:
            await self._answer(interaction, _ONCE_MORE)

    async def _show(self, click: Click, interaction: Interaction) -> None:
        try:
            card = await self._card(click)
        except TimeoutError:
            await self._answer(interaction, _ONCE_MORE)
            return
        if card is None:
            await self._answer(interaction, _UNKNOWN)
            return
        form, left_out = forms.card_modal(card)
        try:
            await self._telling.open(interaction, form)
        except PlatformError as error:
            log.info("no modal for a card: %s", error)
            left_out = 1
        if left_out:
            await self._hand_over(click, card, interaction)

    async def _hand_over(self, click: Click, card: Card, interaction: Interaction) -> None:
        """What no modal has room for goes to the person's DM, whole, as a file."""
        file = File(
            name=f"approval-{card.approval_id}.txt",
            text=card_as_file(card),
            comment=f"All of approval {card.approval_id}: {card.title}",
        )
        try:
            home = await self._membership.direct_message(click.by)
            await self._posting.post(home, file, key=key_of(interaction))
        except PlatformRefused as error:
            log.info("a card cannot be handed over: %s", error)
            await self._answer(interaction, _CLOSED_DM)
            return
        if click.surface != "direct":
            await self._answer(interaction, _IN_DM)

    async def _turn(self, click: Click, interaction: Interaction) -> None:
        """Another page. Where others can read along it comes anew, for the clicker alone."""
        await self._telling.acknowledge(interaction)
        if click.verb == "open" and (card := await self._door.read_card(click.token, by=click.by)):
            await self._telling.show(interaction, card)
            return
        page = await self._door.read_page(click.token, by=click.by, where=click.where, direct=True)
        if click.verb == "open" or click.surface == "message":
            await self._telling.show(interaction, page)
        elif click.surface == "ephemeral" or click.message is None:
            await self._telling.redraw(interaction, page)
        else:
            await self._posting.edit(click.message, page, mark=click.mark)

    async def _card(self, click: Click) -> Card | None:
        """Raises TimeoutError: a form comes within three seconds, or not at all."""
        async with asyncio.timeout(self._modal_patience):
            return await self._door.read_card(click.token, by=click.by)

    async def _answer(self, interaction: Interaction, words: str) -> None:
        await self._telling.acknowledge(interaction)
        await self._telling.say(interaction, words)

    async def _heal(self, click: Click, settlement: Settlement, interaction: Interaction) -> None:
        """A copy of the card that nobody closes: one that was missed when the others were, or that one person sees."""
        if settlement.card is None or click.message is None:
            return
        try:
            if click.surface == "ephemeral":
                await self._telling.redraw(interaction, settlement.card)
            elif settlement.outcome in _STALE:
                await self._posting.edit(click.message, settlement.card, mark=click.mark)
        except PlatformError as error:
            log.info("a stale card stays as it is: %s", error)
