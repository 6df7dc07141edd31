"""What holds over all components of a message or a modal together."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tests.fakes.discord.content import Control, children_of, controls_of, walk
from tests.fakes.discord.layout.components import CUSTOM_ID, LEGACY, MODAL, TEXT, V2
from tests.fakes.discord.shapes import Problem, array, record, string, tagged

MOST_COMPONENTS = 40
MOST_ROWS = 5
LONGEST_TEXT = 4000


def problems_in_components(components: Any, *, v2: bool, at: str = "/components") -> list[Problem]:
    """Everything that is wrong with them in a message; nothing when Discord would take them."""
    found = list(array(tagged(V2 if v2 else LEGACY), most=None if v2 else MOST_ROWS)(components, at))
    return found or [*_too_many(components, at), *_too_much_text(components, at), *_repeated(components, at)]


_MODAL = record(
    {
        "title": string(shortest=1, longest=45),
        "custom_id": CUSTOM_ID,
        "components": array(tagged(MODAL), least=1, most=5),
    }
)


def problems_in_modal(modal: Any, *, at: str = "/data") -> list[Problem]:
    found = list(_MODAL(modal, at))
    return found or [*_unlabelled(modal["components"], at), *_repeated(modal["components"], f"{at}/components")]


def attachments_named(components: Iterable[Any]) -> Iterator[str]:
    """The files that the components show."""
    for component in walk(components):
        media = [component.get("file"), component.get("media"), *(i.get("media") for i in component.get("items") or ())]
        for url in (one["url"] for one in media if isinstance(one, dict)):
            if url.startswith("attachment://"):
                yield url.removeprefix("attachment://")


def _too_many(components: Any, at: str) -> Iterator[Problem]:
    count = sum(1 for _ in walk(components))
    if count > MOST_COMPONENTS:
        yield Problem(at, f"{count} components in all; {MOST_COMPONENTS} are allowed")


def _too_much_text(components: Any, at: str) -> Iterator[Problem]:
    length = sum(len(component["content"]) for component in walk(components) if component["type"] == TEXT)
    if length > LONGEST_TEXT:
        yield Problem(at, f"{length} characters of text in all; {LONGEST_TEXT} are allowed")


def _repeated(components: Any, at: str) -> Iterator[Problem]:
    numbers = Counter(component["id"] for component in walk(components) if component.get("id"))
    names = Counter(control.custom_id for control in _named(components))
    for what, counted in (("id", numbers), ("custom_id", names)):
        for value, count in counted.items():
            if count > 1:
                yield Problem(at, f"{what} {value!r} stands {count} times")


def _named(components: Any) -> Iterator[Control]:
    yield from (control for control in controls_of(components) if control.custom_id)


def _unlabelled(components: Any, at: str) -> Iterator[Problem]:
    """An input in a label has its words there; one in a row carries them itself."""
    for index, component in enumerate(components):
        [child] = children_of(component) or [{}]
        if component["type"] == 1 and not child.get("label"):
            yield Problem(f"{at}/components/{index}/components/0/label", "missing required field: label")
        if component["type"] == 18 and child.get("label"):
            yield Problem(f"{at}/components/{index}/component/label", "an input in a label has no label of its own")
