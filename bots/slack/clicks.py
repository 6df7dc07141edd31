"""What becomes of a click. It is acknowledged before it comes here; every path ends with words for the clicker."""

import logging

from msgspec.structs import replace

from bots.slack import cards, files, interactions, pages
from bots.slack.clients import Clients
from bots.slack.home import HomeTab
from bots.slack.inbound import is_direct
from bots.slack.interactions import Click
from bots.slack.membership import Membership
from bots.slack.names import Names
from bots.slack.posting import Posting
from bots.slack.telling import Telling
from runtime.agent import Outcome
from runtime.cards import card_as_file
from runtime.contents import Card, File
from runtime.door import Door, Settlement
from runtime.errors import PlatformError
from runtime.forms import FORMS
from runtime.records import MessageRef, Verdict

log = logging.getLogger(__name__)

FOREIGN = "This card belongs to another installation of Mallard, so nothing was decided. Please use the card there."
_TROUBLE = "That did not work, and nothing was decided. Please try again."
_UNKNOWN = "There is nothing here any more that you may see."
_STALE = (Outcome.ALREADY_DECIDED, Outcome.EXPIRED)


class Clicks:
    def __init__(
        self,
        door: Door,
        clients: Clients,
        posting: Posting,
        membership: Membership,
        telling: Telling,
        home: HomeTab,
        names: Names,
    ) -> None:
        self._door = door
        self._clients = clients
        self._posting = posting
        self._membership = membership
        self._telling = telling
        self._home = home
        self._names = names

    async def clicked(self, click: Click) -> None:
        """A button. Whatever fails, the person hears of it."""
        try:
            await self._clicked(click)
        except Exception:
            log.exception("a click on %r failed", click.verb)
            await self._answer(click, _TROUBLE)

    async def submitted(self, click: Click) -> None:
        """A form that was sent off."""
        try:
            await self._settle(click)
        except Exception:
            log.exception("a form for %r failed", click.verb)
            await self._answer(click, _TROUBLE)

    async def _clicked(self, click: Click) -> None:
        if click.is_foreign:
            await self._telling.say(FOREIGN, to=click.by, where=click.where, response_url=click.response_url)
            return
        match click.verb:
            case "show":
                await self._show(click)
            case "open" | "older" | "newer":
                await self._turn(click)
            case verb if verb in FORMS:
                await self._ask(click, Verdict(verb))
            case _:
                await self._settle(click)

    async def _settle(self, click: Click) -> None:
        settlement = await self._door.click(
            click.token, by=click.by, by_name=click.by_name, where=click.where, comment=click.words
        )
        await self._answer(click, settlement.words)
        await self._heal(click, settlement)

    async def _ask(self, click: Click, verb: Verdict) -> None:
        """Ask for words. What is not open to this person any more is settled at once, and says so."""
        card = await self._door.read_card(click.token, by=click.by)
        if card is None or not any(button.token == click.token for button in card.buttons):
            await self._settle(click)
            return
        place = interactions.place_of(click)
        view = cards.form(verb, card, token=click.token, place=place)
        try:
            await self._telling.open(view, trigger=click.trigger, on_top=click.surface == "modal")
        except PlatformError as error:
            log.info("no form for %r: %s", verb, error)
            if verb is Verdict.DENY:
                await self._settle(click)
            else:
                await self._answer(click, "Slack did not open the form in time. Please click once more.")

    async def _show(self, click: Click) -> None:
        card = await self._door.read_card(click.token, by=click.by)
        if card is None:
            await self._answer(click, _UNKNOWN)
            return
        view, left_out = cards.card_modal(await self._names.named(card))
        try:
            await self._telling.open(view, trigger=click.trigger, on_top=click.surface == "modal")
        except PlatformError as error:
            log.info("no modal for a card: %s", error)
            left_out = 1
        if left_out:
            await self._hand_over(click, card)

    async def _hand_over(self, click: Click, card: Card) -> None:
        """What no modal has room for goes to the person's DM, whole, as a file."""
        where = await self._membership.direct_message(click.by)
        name = f"approval-{card.approval_id}.txt"
        comment = f"All of approval {card.approval_id}: {card.title}"
        file = File(name=name, text=card_as_file(card), comment=comment)
        await files.upload(self._clients, where, file, key=f"{click.token}:{click.by.id}")
        if click.surface == "message" and click.where.channel != where.channel:
            await self._answer(click, "It is too long for a form: the whole of it is in our direct messages.")

    async def _turn(self, click: Click) -> None:
        """Another page. Where others can read along it comes in a modal, for the clicker alone."""
        if click.verb == "open" and (card := await self._door.read_card(click.token, by=click.by)):
            view, _ = cards.card_modal(await self._names.named(card), revealed=False)
            await self._telling.open(view, trigger=click.trigger, on_top=click.surface == "modal")
            return
        page = await self._door.read_page(click.token, by=click.by, where=click.where, direct=True)
        page = await self._names.named(page)
        in_place = click.verb != "open"
        if in_place and click.surface == "modal":
            await self._telling.redraw(click.view_id, pages.page_modal(page))
        elif in_place and click.is_ephemeral and click.response_url:
            body = {"text": pages.page_text(page), "blocks": pages.page_blocks(page)}
            await self._clients.respond(click.response_url, {"replace_original": True, **body})
        elif in_place and click.message_ts and is_direct(click.where.channel):
            await self._posting.edit(MessageRef(where=click.where, id=click.message_ts), page)
        else:
            on_top = click.surface == "modal"
            await self._telling.open(pages.page_modal(page), trigger=click.trigger, on_top=on_top)

    async def _answer(self, click: Click, words: str) -> None:
        """Where they clicked, and to them alone."""
        match click.surface:
            case "modal":
                try:
                    await self._telling.redraw(click.view_id, pages.note_modal("Mallard", words))
                except PlatformError:
                    await self._telling.say(words, to=click.by, where=replace(click.where, channel=""))
            case "home":
                await self._home.publish(click.by, note=words)
            case "message":
                await self._telling.say(words, to=click.by, where=click.where, response_url=click.response_url)

    async def _heal(self, click: Click, settlement: Settlement) -> None:
        """A copy of the card that still has buttons was missed when the others were closed: close it now."""
        if settlement.outcome not in _STALE or settlement.card is None or not click.message_ts or click.is_ephemeral:
            return
        try:
            await self._posting.edit(MessageRef(where=click.where, id=click.message_ts), settlement.card)
        except PlatformError as error:
            log.info("a stale card stays as it is: %s", error)
