"""What a message or a modal says at one moment, as a person reads it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from tests.fakes.discord.rendering import text_of

Json = dict[str, Any]
MENTION = re.compile(r"@everyone|@here|<@!?(?P<user>\d+)>|<@&(?P<role>\d+)>")
SELECTS = frozenset({3, 5, 6, 7, 8})
INPUTS = frozenset({4, 19, 21, 22, 23}) | SELECTS


def walk(components: Iterable[Any]) -> Iterator[Json]:
    """Every component, each before what stands in it."""
    for component in components:
        if isinstance(component, dict):
            yield component
            yield from walk(children_of(component))


def children_of(component: Mapping[str, Any]) -> list[Any]:
    inside = component.get("components")
    alone = [component[name] for name in ("accessory", "component") if isinstance(component.get(name), dict)]
    return [*(inside if isinstance(inside, list) else []), *alone]


class Control(Struct, frozen=True):
    """A button, select or input that somebody can use."""

    element: Mapping[str, Any]
    label: str

    @property
    def type(self) -> int:
        return int(self.element["type"])

    @property
    def custom_id(self) -> str:
        return str(self.element.get("custom_id", ""))

    @property
    def url(self) -> str | None:
        return self.element.get("url")

    @property
    def style(self) -> int:
        return int(self.element.get("style", 0))

    @property
    def disabled(self) -> bool:
        return bool(self.element.get("disabled"))

    def answers_to(self, name: str) -> bool:
        return name in (self.label, self.custom_id)


def controls_of(components: Iterable[Mapping[str, Any]]) -> Iterator[Control]:
    for component in components:
        match component.get("type"):
            case 2:
                yield Control(component, str(component.get("label") or ""))
            case 18:
                yield Control(component["component"], str(component["label"]))
            case kind if kind in INPUTS:
                yield Control(component, str(component.get("placeholder") or component.get("label") or ""))
            case _:
                yield from controls_of(children_of(component))


class Content(Struct, frozen=True):
    words: str = ""
    components: tuple[Json, ...] = ()
    file_names: tuple[str, ...] = ()
    pings: tuple[str, ...] = ()  # the mentions in it that notify somebody

    @property
    def text(self) -> str:
        """Everything that can be read in it, controls as `[Label]`, files as `[file name]`."""
        named = text_of(self.components)
        beside = [f"[file {name}]" for name in self.file_names if f"[file {name}]" not in named]
        return "\n".join(filter(None, [self.words, named, *beside]))

    @property
    def controls(self) -> tuple[Control, ...]:
        return tuple(controls_of(self.components))

    @property
    def buttons(self) -> tuple[Control, ...]:
        return tuple(control for control in self.controls if control.type == 2)

    @property
    def accent(self) -> int | None:
        """The colour at the side of the first container."""
        return next((c.get("accent_color") for c in self.components if c["type"] == 17), None)

    @property
    def marks(self) -> tuple[int, ...]:
        """The ids of all components."""
        return tuple(component["id"] for component in walk(self.components) if "id" in component)

    def control(self, name: str) -> Control:
        for control in self.controls:
            if control.answers_to(name):
                return control
        raise AssertionError(f"nothing called {name!r} here; there are {[c.label for c in self.controls]}")


def marked_up(words: str, components: Iterable[Any]) -> Iterator[re.Match[str]]:
    """Every mention in the texts in which Discord reads mentions."""
    for text in (words, *(c["content"] for c in walk(components) if c.get("type") == 10)):
        yield from MENTION.finditer(text)


def with_ids(components: Iterable[Json]) -> tuple[Json, ...]:
    """The components with the ids that Discord counts out where the app gave none."""
    given = [dict(component) for component in components]
    taken = {component["id"] for component in walk(given) if component.get("id")}
    numbers = (number for number in range(1, 10_000) if number not in taken)
    return tuple(_identified(component, numbers) for component in given)


def _identified(component: Json, numbers: Iterator[int]) -> Json:
    named = {**component, "id": component.get("id") or next(numbers)}
    for name in ("accessory", "component"):
        if isinstance(named.get(name), dict):
            named[name] = _identified(named[name], numbers)
    if isinstance(named.get("components"), list):
        named["components"] = [_identified(child, numbers) for child in named["components"]]
    return named


def without_ids(value: Any) -> Any:
    """The same components, their own numbers taken away."""
    match value:
        case dict():
            own = {"id"} if "type" in value else set()
            return {name: without_ids(child) for name, child in value.items() if name not in own}
        case list():
            return [without_ids(child) for child in value]
        case _:
            return value
