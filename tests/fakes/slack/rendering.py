"""Blocks as plain text: what a person reads, for assertions, logs and snapshots."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Shown = Mapping[str, Any]


def text_of(blocks: Iterable[Shown]) -> str:
    """All readable text, a block a line; controls as `[Label]`."""
    return "\n".join(line for line in map(_block, blocks) if line)


def _block(block: Shown) -> str:
    match block.get("type"):
        case "section":
            parts = [_text(block.get("text")), *map(_text, block.get("fields", ()))]
            return "\n".join([*filter(None, parts), *([_element(block["accessory"])] if "accessory" in block else [])])
        case "header" | "markdown" | "alert":
            return _text(block.get("text"))
        case "divider":
            return "---"
        case "actions" | "context_actions":
            return " ".join(map(_element, block["elements"]))
        case "context":
            return " ".join(map(_element, block["elements"]))
        case "input":
            return f"{_text(block['label'])}: {_element(block['element'])}"
        case "image" | "video":
            return f"[{block['type']}: {block.get('alt_text', '')}]"
        case "file":
            return "[file]"
        case "rich_text":
            return "\n".join(map(_rich, block["elements"]))
        case "table" | "data_table":
            return "\n".join(" | ".join(map(_cell, row)) for row in block["rows"])
        case "task_card":
            return _task(block)
        case "plan":
            return "\n".join([_text(block.get("title")), *map(_task, block.get("tasks", ()))]).strip("\n")
        case "card":
            parts = [_text(block.get(part)) for part in ("title", "subtitle", "body", "subtext")]
            return "\n".join([*filter(None, parts), " ".join(map(_element, block.get("actions", ())))]).strip("\n")
        case "carousel":
            return text_of(block["elements"])
        case "container":
            return "\n".join(filter(None, [_text(block.get("title")), text_of(block["child_blocks"])]))
        case kind:
            return f"[{kind}]"


def _text(value: Any) -> str:
    match value:
        case {"type": "rich_text", "elements": elements}:
            return "\n".join(map(_rich, elements))
        case {"text": str(text)} | str(text):
            return text
        case _:
            return ""


def _element(element: Shown) -> str:
    match element.get("type"):
        case "plain_text" | "mrkdwn":
            return _text(element)
        case "image":
            return f"[image: {element.get('alt_text', '')}]"
        case "feedback_buttons":
            return f"{_element(element['positive_button'])} {_element(element['negative_button'])}"
        case "plain_text_input" | "email_text_input" | "url_text_input" | "number_input":
            return f"[{element.get('initial_value') or _text(element.get('placeholder')) or '…'}]"
        case "checkboxes" | "radio_buttons" | "overflow":
            chosen = _initial(element)
            return " ".join(f"({'x' if o in chosen else ' '}) {_text(o['text'])}" for o in element["options"])
        case _:
            picked = ", ".join(_text(option["text"]) for option in _initial(element))
            return (
                f"[{picked or _text(element.get('text')) or _text(element.get('placeholder')) or element.get('type')}]"
            )


def _initial(element: Shown) -> list[Any]:
    one = element.get("initial_option")
    return [one] if one else list(element.get("initial_options", ()))


def _rich(part: Shown) -> str:
    match part.get("type"):
        case "rich_text_list":
            return "\n".join(f"• {_rich(item)}" for item in part["elements"])
        case "rich_text_quote":
            return "> " + _spans(part["elements"])
        case _:
            return _spans(part.get("elements", ()))


def _spans(elements: Sequence[Shown]) -> str:
    return "".join(map(_span, elements))


def _span(span: Shown) -> str:
    match span.get("type"):
        case "link":
            return str(span.get("text") or span["url"])
        case "user":
            return f"<@{span['user_id']}>"
        case "channel":
            return f"<#{span['channel_id']}>"
        case "broadcast":
            return f"<!{span['range']}>"
        case "emoji":
            return f":{span['name']}:"
        case "date":
            return str(span.get("fallback", ""))
        case _:
            return str(span.get("text", ""))


def _cell(cell: Shown) -> str:
    return _text(cell) if "text" in cell or cell.get("type") == "rich_text" else str(cell.get("value", ""))


def _task(task: Shown) -> str:
    parts = [f"({task.get('status', 'pending')}) {_text(task.get('title'))}"]
    return "\n".join([*parts, *filter(None, (_text(task.get(part)) for part in ("details", "output")))])
