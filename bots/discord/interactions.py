"""Clicks and submissions as values. Pure: what Discord's payloads mean, in the runtime's words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from bots.discord.settings import PREFIX
from runtime.records import ConversationRef, MessageRef, UserRef

Json = Mapping[str, Any]
Surface = Literal["message", "ephemeral", "direct"]

_PAGES = ("open", "older", "newer")


class Click(Struct, frozen=True, kw_only=True):
    """Somebody used a button or sent off a form. `verb` says only what to show: the token decides.

    `message` is the one that was clicked, or that the form came from; `mark` is the one it carries. `words` is what
    they wrote.
    """

    verb: str
    token: str
    by: UserRef
    by_name: str
    where: ConversationRef
    surface: Surface
    is_page: bool = False
    message: MessageRef | None = None
    mark: int = 0
    words: str = ""


class Pressed(Struct, frozen=True, kw_only=True):
    """What a `custom_id` of ours says. `is_page` is a page's button, `is_form` a form's name."""

    verb: str
    token: str
    is_page: bool = False
    is_form: bool = False


def read_custom_id(custom_id: str) -> Pressed | None:
    """A card's `mallard:TOKEN`, a page's `mallard:page:VERB:N:TOKEN`, a form's `mallard:form:TOKEN`; None for others'."""
    if not custom_id.startswith(PREFIX):
        return None
    rest = custom_id.removeprefix(PREFIX)
    kind, _, inner = rest.partition(":")
    if kind == "page":
        verb, _, numbered = inner.partition(":")
        token = numbered.partition(":")[2]
        return Pressed(verb=verb, token=token, is_page=True) if verb in _PAGES and token else None
    token = inner if kind == "form" else rest
    verb = token.rpartition(".")[2]
    return Pressed(verb=verb, token=token, is_form=kind == "form") if verb else None


def read_words(components: Sequence[Json]) -> str:
    """What was written into a form, wherever in it the field stands."""
    return next((str(found["value"]).strip() for found in _flat(components) if found.get("value")), "")


def _flat(components: Sequence[Json]) -> Iterator[Json]:
    for each in components:
        yield each
        yield from _flat(each.get("components") or ())
        if each.get("component"):
            yield from _flat((each["component"],))
