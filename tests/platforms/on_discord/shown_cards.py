"""A card as people read it on Discord, as it was once offered, or with another token."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tests.fakes.discord import Message
from tests.fakes.discord.content import children_of
from tests.fakes.discord.messages import Snapshot


class ShownCard(Struct, frozen=True):
    """A card as people read it."""

    message: Message

    @property
    def text(self) -> str:
        return as_read(self.message.text)

    @property
    def labels(self) -> Sequence[str]:
        return self.message.labels


def as_read(text: str) -> str:
    """What a client makes of the Markdown that keeps words plain, and of people: here as the record writes them."""
    return re.sub(r"<@(\d+)>", r"discord:\1", re.sub(r"\\([^\w\s])|\\(_)", r"\1\2", text))


def as_offered(card: Message, label: str) -> Snapshot:
    """The card as it stood when it last offered this: what a client shows that was not looked at since."""
    for content in (card.content, *reversed(card.past)):
        if label in [button.label for button in content.buttons]:
            return replace(card.snapshot(), content=content)
    raise AssertionError(f"it never offered {label!r}")


def with_token(card: Message, label: str, token: str) -> Snapshot:
    """The card as somebody would see it whose button carried another token."""

    def changed(component: dict[str, Any]) -> dict[str, Any]:
        if component.get("label") == label:
            return component | {"custom_id": f"mallard:{token}"}
        inside = children_of(component)
        return component | {"components": [changed(child) for child in inside]} if inside else component

    components = tuple(changed(component) for component in card.components)
    return replace(card.snapshot(), content=replace(card.content, components=components))
