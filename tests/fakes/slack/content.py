"""What a message or a view says at one moment, as a person reads it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tests.fakes.slack.rendering import text_of

Json = dict[str, Any]
PING = re.compile(r"<(?:!(?:channel|here|everyone)|@[UW][A-Z0-9_]+|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")


class Control(Struct, frozen=True):
    """A button, select, checkbox or input that somebody can use."""

    block: Mapping[str, Any]
    element: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.element.get("type", ""))

    @property
    def label(self) -> str:
        if self.block.get("type") == "input":
            return str(self.block["label"]["text"])
        text = self.element.get("text") or self.element.get("placeholder") or {}
        return str(text.get("text", ""))

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def block_id(self) -> str:
        return str(self.block.get("block_id", ""))

    @property
    def value(self) -> str | None:
        value = self.element.get("value")
        return None if value is None else str(value)

    @property
    def style(self) -> str | None:
        style = self.element.get("style")
        return None if style is None else str(style)

    @property
    def url(self) -> str | None:
        url = self.element.get("url")
        return None if url is None else str(url)

    def answers_to(self, name: str) -> bool:
        return name in (self.label, self.action_id, self.block_id, self.value)


def controls_of(blocks: Sequence[Mapping[str, Any]]) -> Iterator[Control]:
    for block in blocks:
        match block.get("type"):
            case "actions" | "context_actions":
                yield from (Control(block, e) for element in block["elements"] for e in _unfolded(element))
            case "section" if block.get("accessory"):
                yield Control(block, block["accessory"])
            case "input":
                yield Control(block, block["element"])
            case "card":
                yield from (Control(block, element) for element in block.get("actions", ()))
            case "carousel":
                yield from controls_of(block["elements"])
            case "container":
                yield from controls_of(block["child_blocks"])


def _unfolded(element: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if element.get("type") != "feedback_buttons":
        yield element
        return
    for side in ("positive_button", "negative_button"):
        yield {**element[side], "type": "feedback_buttons", "action_id": element.get("action_id", "")}


class Content(Struct, frozen=True):
    fallback: str
    blocks: tuple[Json, ...] = ()
    file_names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that can be read in it; the fallback text only where there are no blocks."""
        shown = text_of(self.blocks) if self.blocks else self.fallback
        return "\n".join([shown, *(f"[file {name}]" for name in self.file_names)]).strip("\n")

    @property
    def controls(self) -> tuple[Control, ...]:
        return tuple(controls_of(self.blocks))

    @property
    def buttons(self) -> tuple[Control, ...]:
        return tuple(control for control in self.controls if control.kind in _BUTTONS)

    @property
    def pings(self) -> tuple[str, ...]:
        """The mentions in it that would notify somebody."""
        texts = [self.fallback, *_marked_up(list(self.blocks))]
        return tuple(match.group() for text in texts for match in PING.finditer(text))

    def control(self, name: str) -> Control:
        for control in self.controls:
            if control.answers_to(name):
                return control
        raise AssertionError(f"nothing called {name!r} here; there are {[c.label for c in self.controls]}")


_BUTTONS = frozenset({"button", "feedback_buttons", "icon_button", "workflow_button"})


def _marked_up(value: Any) -> Iterator[str]:
    """The texts in which Slack reads `<@U1>` and `<!here>` as mentions, and mentions in rich text."""
    match value:
        case {"type": "mrkdwn" | "markdown", "text": str(text)}:
            yield text
        case {"type": "user", "user_id": user}:
            yield f"<@{user}>"
        case {"type": "broadcast", "range": reach}:
            yield f"<!{reach}>"
        case dict():
            for child in value.values():
                yield from _marked_up(child)
        case list() | tuple():
            for child in value:
                yield from _marked_up(child)
