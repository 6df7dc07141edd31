"""Components as plain text: what a person reads, for assertions, logs and snapshots."""

from collections.abc import Iterable, Mapping
from typing import Any

Shown = Mapping[str, Any]


def text_of(components: Iterable[Shown]) -> str:
    """All readable text, a component a line; controls as `[Label]`."""
    return "\n".join(line for line in map(_component, components) if line)


def _component(component: Shown) -> str:
    match component.get("type"):
        case 1:
            return " ".join(map(_component, component["components"]))
        case 2:
            return f"[{component.get('label') or (component.get('emoji') or {}).get('name', '')}]"
        case 3 | 5 | 6 | 7 | 8:
            return f"[{component.get('placeholder') or '…'}]"
        case 4:
            return f"[{component.get('value') or component.get('placeholder') or '…'}]"
        case 9:
            return "\n".join([text_of(component["components"]), _component(component["accessory"])])
        case 10:
            return str(component["content"])
        case 11:
            return f"[image: {component.get('description') or ''}]"
        case 12:
            return " ".join(f"[image: {item.get('description') or ''}]" for item in component["items"])
        case 13:
            return f"[file {_name(component)}]"
        case 14:
            return "---"
        case 17:
            return text_of(component["components"])
        case 18:
            words = filter(None, [component["label"], component.get("description")])
            return f"{' · '.join(words)}: {_component(component['component'])}"
        case 21 | 22:
            return " ".join(f"( ) {option['label']}" for option in component["options"])
        case kind:
            return f"[component {kind}]"


def _name(component: Shown) -> str:
    return str(component.get("name") or component["file"]["url"].removeprefix("attachment://"))
