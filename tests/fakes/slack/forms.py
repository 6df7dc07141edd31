"""Filling a modal in, as Slack's client does: only what it lets through, in the shape it sends."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.slack.content import Control
from tests.fakes.slack.views import View

Json = dict[str, Any]
_SINGLE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def filled_in(view: View, values: Mapping[str, Any]) -> Json:
    """`state.values`; `values` are keyed by label, action_id or block_id. A wrong entry is an AssertionError."""
    left = dict(values)
    state: Json = {}
    for control in view.content.controls:
        if control.block["type"] != "input" and "value" in control.element:
            continue
        name = next((n for n in (control.label, control.action_id, control.block_id) if n in left), None)
        given = left.pop(name) if name is not None else _initial(control)
        if control.block["type"] == "input":
            _check_allowed(control, given)
        elif control.kind in ("button", "overflow"):
            continue
        state.setdefault(control.block_id, {})[control.action_id] = entry(control, given)
    assert not left, f"the modal has no {sorted(left)}; it has {[c.label for c in view.inputs]}"
    return state


def entry(control: Control, given: Any) -> Json:
    """The state of one element."""
    kind = control.kind
    if kind in ("static_select", "external_select", "radio_buttons", "overflow"):
        return {"type": kind, "selected_option": None if given is None else _option(control, given)}
    if kind in ("multi_static_select", "multi_external_select", "checkboxes"):
        return {"type": kind, "selected_options": [_option(control, one) for one in given or ()]}
    if kind in _SINGLE:
        return {"type": kind, _SINGLE[kind]: given}
    if kind.startswith("multi_"):
        return {"type": kind, f"selected_{kind.removeprefix('multi_').removesuffix('_select')}": list(given or ())}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": given}
    return {"type": kind, "value": given}


def _option(control: Control, given: Any) -> Json:
    groups = control.element.get("option_groups", ())
    options = [*control.element.get("options", ()), *(o for group in groups for o in group["options"])]
    for option in options:
        if given in (option["value"], option["text"]["text"], option):
            return dict(option)
    raise AssertionError(f"no option {given!r}; there are {[o['text']['text'] for o in options]}")


def _initial(control: Control) -> Any:
    element = control.element
    for name in ("initial_value", "initial_option", "initial_options", "initial_user", "initial_users"):
        if name in element:
            return element[name]
    return element.get("initial_conversation") or element.get("initial_date") or element.get("initial_time")


def _check_allowed(control: Control, given: Any) -> None:
    assert control.block.get("optional") or given not in (None, "", []), f"{control.label!r} must be filled in"
    if isinstance(given, str):
        longest, shortest = control.element.get("max_length", 3000), control.element.get("min_length", 0)
        assert shortest <= len(given) <= longest or not given, f"{control.label!r} takes {shortest} to {longest}"
