"""What opens over the chat: the whole card, and the question that some buttons ask first. Pure."""

from bots.discord import cards, components
from bots.discord.cards import Parts
from bots.discord.components import Component
from bots.discord.settings import PREFIX
from bots.discord.wording import quoted_code, spoken
from runtime import forms
from runtime.contents import Card
from runtime.excerpts import gist
from runtime.forms import FORM_WORDS, FormWords, meaning_of_always
from runtime.records import Verdict
from runtime.showing import shortened, visible

ALWAYS = "always"
FORMS = (*forms.FORMS, ALWAYS)
"""Verbs whose button opens a form first. Discord has no other way of asking once more."""

SHOWN = f"{PREFIX}shown"
"""The custom id of a modal that only shows something: sending it off means no more than that it was read."""

FIELD = "words"
_MODAL_TEXT = 3_800
_ONCE_MORE = FormWords(title="Always allow?", label="Remark", placeholder="You may leave this empty.", optional=True)


def card_modal(card: Card) -> tuple[Component, int]:
    """Everything on the card that a modal has room for; and how many bytes it has no room for."""
    parts: Parts = cards.whole_parts(card, _MODAL_TEXT)
    body = [components.text(parts.top), *parts.said()]
    return components.modal(f"Approval {card.approval_id}", custom_id=SHOWN, body=body), parts.left_out


def form(verb: str, card: Card, *, token: str) -> Component:
    """The modal that asks for words, or for a second thought. The token is all it keeps of the approval."""
    words = _ONCE_MORE if verb == ALWAYS else FORM_WORDS[Verdict(verb)]
    about = f"**{spoken(shortened(visible(card.title), 300)) or '–'}**"
    if call := gist(card):
        about += f"\n{quoted_code(call.replace('`', chr(39)))}"
    if verb == ALWAYS:
        about += f"\n{spoken(meaning_of_always(card))}"
    body = [
        components.text(about),
        components.label_input(words.label, custom_id=FIELD, placeholder=words.placeholder, optional=words.optional),
    ]
    return components.modal(words.title, custom_id=f"{PREFIX}form:{token}", body=body)
