"""A modal that somebody has open: what it says, and what they filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.content import INPUTS, SELECTS, Content, Control, with_ids
from tests.fakes.discord.messages import Message
from tests.fakes.discord.places import Channel

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class Modal:
    payload: Json
    channel: Channel
    message: Message | None  # the one whose button opened it
    closed: bool = False
    trouble: str = ""
    content: Content = field(init=False)

    def __post_init__(self) -> None:
        self.content = Content("", with_ids(self.payload["components"]))

    @property
    def title(self) -> str:
        return str(self.payload["title"])

    @property
    def custom_id(self) -> str:
        return str(self.payload["custom_id"])

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.content.text}"

    @property
    def inputs(self) -> tuple[Control, ...]:
        return tuple(control for control in self.content.controls if control.type in INPUTS)


def filled_in(modal: Modal, values: Mapping[str, Any]) -> list[Json]:
    """`data.components`; `values` are keyed by label or custom_id. A wrong entry is an AssertionError."""
    left = dict(values)
    filled = list(_filled(modal.content.components, left))
    assert not left, f"the modal has no {sorted(left)}; it has {[c.label for c in modal.inputs]}"
    return filled


def _filled(components: Any, left: dict[str, Any]) -> Iterator[Json]:
    for component in components:
        match component["type"]:
            case 18:
                entry = _entry(component["component"], component["label"], left)
                yield {"type": 18, "id": component["id"], "component": entry}
            case 1:
                [child] = component["components"]
                yield {"type": 1, "id": component["id"], "components": [_entry(child, child["label"], left)]}
            case kind:
                yield {"type": kind, "id": component["id"]}


def _entry(element: Json, label: str, left: dict[str, Any]) -> Json:
    name = next((n for n in (label, element["custom_id"]) if n in left), None)
    given = left.pop(name) if name is not None else element.get("value")
    _check_allowed(element, label, given)
    entry: Json = {"type": element["type"], "id": element["id"], "custom_id": element["custom_id"]}
    if element["type"] in (4, 21, 23):
        return entry | {"value": given if given is not None or element["type"] != 4 else ""}
    chosen = [given] if isinstance(given, str) else list(given or ())
    return entry | {"values": [_option(element, one) for one in chosen] if element["type"] in (3, 22) else chosen}


def _option(element: Json, given: Any) -> str:
    for option in element["options"]:
        if given in (option["value"], option["label"]):
            return str(option["value"])
    raise AssertionError(f"no option {given!r}; there are {[option['label'] for option in element['options']]}")


def _check_allowed(element: Json, label: str, given: Any) -> None:
    required = element.get("required", element["type"] not in (23, *SELECTS - {3}))
    assert not required or given not in (None, "", []), f"{label!r} must be filled in"
    if element["type"] == 4 and given:
        shortest, longest = element.get("min_length") or 0, element.get("max_length") or 4000
        assert shortest <= len(given) <= longest, f"{label!r} takes {shortest} to {longest} characters"
