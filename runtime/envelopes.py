"""What a delivery says, made from the record at the moment it is sent: so a retried card is never an old card."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from runtime.archive import Archive
from runtime.cards import card_as_file, card_as_text, card_of, fits_in_text
from runtime.closings import closing_in
from runtime.contents import Card, Content, Entry, File, Page, Text
from runtime.errors import NotFound
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.pages import timeline_of
from runtime.ports import Limits
from runtime.records import ApprovalId, Delivery, JsonObject
from runtime.splitting import split_markdown


class Envelopes(Struct, frozen=True, kw_only=True):
    """The edge where words leave for platforms: nothing gets out of here with a secret in it."""

    record: Archive
    masker: Masker = NOTHING_OF_OURS

    def key(self, delivery: Delivery, number: int) -> str:
        """What marks one message of a delivery, or the card that it updates, on its platform; at most 25 characters."""
        suffix = f".{number}" if number else ""
        return f"{self.record.installation}.{delivery.target or delivery.id}{suffix}"

    def contents(self, delivery: Delivery, limits: Limits) -> Sequence[Content]:
        """The messages of a delivery, each within the limits."""
        match delivery.kind:
            case "card" | "card_update":
                return self._card(delivery)
            case "page":
                return (page_from_json(self.masker.mask_value(delivery.body)),)
            case "timeline" if delivery.run_id is not None:
                return (timeline_of(self.record, self.record.load_run(delivery.run_id), masker=self.masker),)
            case "notice" if "file" in delivery.body:
                body = self.masker.mask_value(delivery.body)
                return (File(name=str(body["file"]), text=str(body["text"]), comment=str(body["markdown"])),)
            case _:
                markdown = self.masker.mask(str(delivery.body["markdown"]))
                return text_contents(markdown, limits, name=f"answer-{delivery.run_id or 0}.md")

    def card(self, approval_id: ApprovalId) -> Card:
        """The card of an approval as it stands now. Raises NotFound."""
        approval = self.record.find_approval(approval_id)
        if approval is None:
            raise NotFound(f"there is no approval {approval_id}")
        run = self.record.load_run(approval.run_id)
        call = run.find_call(approval.call_id)
        if call is None:
            raise NotFound(f"there is no call {approval.call_id}")
        card = card_of(approval, run, call, installation=self.record.installation, masker=self.masker)
        return replace(card, closing=self.masker.mask(closing_in(approval, run)))

    def _card(self, delivery: Delivery) -> Sequence[Content]:
        """The card; as text with a file beside it where the text does not show all that is to be judged."""
        if delivery.approval_id is None:
            raise NotFound(f"delivery {delivery.id} names no approval")
        card = self.card(delivery.approval_id)
        if delivery.form == "full":
            return (card,)
        text = Text(markdown=card_as_text(card))
        if delivery.kind == "card_update" or fits_in_text(card):
            return (text,)
        return (text, File(name=f"approval-{card.approval_id}.txt", text=card_as_file(card), comment=card.title))


def text_contents(markdown: str, limits: Limits, *, name: str) -> Sequence[Content]:
    """A text as one message, as several, or, where that would be too many, as a file with its beginning."""
    pieces = split_markdown(markdown, limits.text)
    if len(pieces) <= limits.pieces:
        return tuple(Text(markdown=piece) for piece in pieces) or (Text(markdown="(nothing to say)"),)
    comment = f"The answer is {len(markdown)} characters long, so it comes as a file. It begins:"
    return (Text(markdown=f"{comment}\n\n{pieces[0][: limits.text // 2]}"), File(name=name, text=markdown, comment=""))


def page_to_json(page: Page) -> JsonObject:
    entries = [[entry.text, entry.detail, entry.token] for entry in page.entries]
    return {"title": page.title, "entries": entries, "note": page.note, "older": page.older, "newer": page.newer}


def page_from_json(body: JsonObject) -> Page:
    entries = tuple(Entry(text=text, detail=detail, token=token) for text, detail, token in body["entries"])
    return Page(title=body["title"], entries=entries, note=body["note"], older=body["older"], newer=body["newer"])
