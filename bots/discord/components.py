"""Discord's components as small functions: each is valid by itself, whatever text comes in. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Component = dict[str, Any]

ROW, BUTTON, TEXT_INPUT, SECTION, TEXT, FILE, SEPARATOR, CONTAINER, LABEL = 1, 2, 4, 9, 10, 13, 14, 17, 18
MESSAGE_TEXT = 4_000
MOST_COMPONENTS = 40
CUSTOM_ID, BUTTON_TEXT, MODAL_TITLE, LABEL_TEXT, PLACEHOLDER = 100, 80, 45, 45, 100
IN_A_ROW, ROWS, IN_A_MODAL = 5, 5, 5

_STYLES = {"primary": 3, "danger": 4}
_PLAIN = 2
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def text(markdown: str, *, mark: int = 0) -> Component:
    """`markdown` is escaped already where it has to be."""
    return _marked({"type": TEXT, "content": _sendable(markdown)}, mark)


def separator() -> Component:
    return {"type": SEPARATOR, "divider": True, "spacing": 1}


def section(markdown: str, accessory: Component) -> Component:
    return {"type": SECTION, "components": [text(markdown)], "accessory": accessory}


def button(label: str, *, custom_id: str, style: str = "") -> Component:
    return {
        "type": BUTTON,
        "style": _STYLES.get(style, _PLAIN),
        "label": _line(label, BUTTON_TEXT),
        "custom_id": custom_id[:CUSTOM_ID],
    }


def rows(buttons: Sequence[Component]) -> list[Component]:
    """As many rows as the buttons need, five in each; what would be a sixth row is left out."""
    return [
        {"type": ROW, "components": list(buttons[at : at + IN_A_ROW])}
        for at in range(0, min(len(buttons), IN_A_ROW * ROWS), IN_A_ROW)
    ]


def container(children: Sequence[Component], *, accent: int | None = None, mark: int = 0) -> Component:
    made: Component = {"type": CONTAINER, "components": list(children)}
    return _marked(made if accent is None else made | {"accent_color": accent}, mark)


def file(name: str) -> Component:
    """A file that is attached to the same message under this name."""
    return {"type": FILE, "file": {"url": f"attachment://{name}"}}


def label_input(label: str, *, custom_id: str, placeholder: str, optional: bool) -> Component:
    """A field of several lines in a modal."""
    return {
        "type": LABEL,
        "label": _line(label, LABEL_TEXT),
        "component": {
            "type": TEXT_INPUT,
            "style": 2,
            "custom_id": custom_id,
            "placeholder": _line(placeholder, PLACEHOLDER),
            "required": not optional,
            "max_length": 3_000,
        },
    }


def modal(title: str, *, custom_id: str, body: Sequence[Component]) -> Component:
    return {
        "title": _line(title, MODAL_TITLE),
        "custom_id": custom_id[:CUSTOM_ID],
        "components": list(body[:IN_A_MODAL]),
    }


def texts_in(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What all texts say, in order."""
    return (str(each.get("content") or "") for each in _walk(components) if each.get("type") == TEXT)


def controls_in(components: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The custom ids of all buttons, in order."""
    return (str(each.get("custom_id") or "") for each in _walk(components) if each.get("type") == BUTTON)


def length_of(components: Sequence[Mapping[str, Any]]) -> int:
    """How long Discord can find the texts together: it does not say whether an emoji is one character or two."""
    return sum(units(said) for said in texts_in(components))


def units(said: str) -> int:
    return len(said) + sum(character > "\uffff" for character in said)


def count_of(components: Sequence[Mapping[str, Any]]) -> int:
    return sum(1 for _ in _walk(components))


def is_same(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether both say the same and offer the same buttons; Discord trims texts."""
    said = [[each.strip() for each in texts_in(components)] for components in (ours, theirs)]
    return said[0] == said[1] and list(controls_in(ours)) == list(controls_in(theirs))


def mark_in(components: Sequence[Mapping[str, Any]]) -> int:
    """The mark of a message, by its components; 0 for none."""
    return int((components[0].get("id") or 0) if components else 0)


def _walk(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in components:
        yield each
        yield from _walk(each.get("components") or ())
        if accessory := each.get("accessory"):
            yield accessory


def _marked(component: Component, mark: int) -> Component:
    return component | {"id": mark} if mark else component


def _line(words: str, limit: int) -> str:
    line = " ".join(_UNSENDABLE.sub("", words).split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or "–"


def _sendable(markdown: str) -> str:
    """Without what no JSON and no chat carries; Discord takes no empty text."""
    kept = _UNSENDABLE.sub("", markdown)
    return kept if kept.strip() else "–"
