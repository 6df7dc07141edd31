"""What a button asks a person before it decides. The words; how a form looks is the platform's."""

from collections.abc import Mapping

from msgspec import Struct

from runtime.contents import Card
from runtime.records import Verdict
from runtime.showing import shortened, visible


class FormWords(Struct, frozen=True, kw_only=True):
    """`title` has at most 24 characters, which every platform takes; `optional` fields may stay empty."""

    title: str
    label: str
    placeholder: str
    optional: bool


FORM_WORDS: Mapping[Verdict, FormWords] = {
    Verdict.DENY: FormWords(
        title="Deny",
        label="Reason",
        placeholder="The agent is told why. You may leave this empty.",
        optional=True,
    ),
    Verdict.CHANGE: FormWords(
        title="Ask for changes",
        label="What should be different?",
        placeholder="The agent proposes again, and asks again.",
        optional=False,
    ),
    Verdict.ANSWER: FormWords(
        title="Answer",
        label="Your answer",
        placeholder="The agent goes on with it.",
        optional=False,
    ),
}

FORMS = tuple(FORM_WORDS)
"""Verbs whose button asks for words first."""


def meaning_of_always(card: Card) -> str:
    """What a person agrees to with "Always allow": one tap beside "Approve" must not stand for ever."""
    who = shortened(visible(card.requested_by), 100)
    return f"Mallard will not ask {who} again for this very call in this workspace. `mallard grants` takes it back."
