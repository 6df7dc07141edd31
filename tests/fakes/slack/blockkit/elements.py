"""Interactive elements, one by one, with every limit that Slack sets on them."""

from collections.abc import Mapping

from tests.fakes.slack.blockkit.shapes import (
    Shape,
    anything,
    array,
    both,
    choice,
    exactly_one,
    flag,
    integer,
    kind,
    record,
    string,
)
from tests.fakes.slack.blockkit.texts import (
    ACTION_ID,
    CHANNEL_ID,
    CONFIRM,
    CONVERSATION_ID,
    DISPATCH,
    IMAGE,
    OPTION_GROUP,
    PLAIN_OPTION,
    RICH_OPTION,
    URL,
    USER_ID,
    option,
    plain,
    text,
)

_LABEL = string(longest=75, shortest=1)
_VALUE = string(longest=2000)
_ACTION: Mapping[str, Shape] = {"action_id": ACTION_ID}
_FOCUS: Mapping[str, Shape] = {"focus_on_load": flag}
_HINT: Mapping[str, Shape] = {"placeholder": plain(150)}
_MENU: Mapping[str, Shape] = {**_ACTION, **_FOCUS, **_HINT, "confirm": CONFIRM}
_MANY: Mapping[str, Shape] = {**_MENU, "max_selected_items": integer(least=1)}
_INPUT: Mapping[str, Shape] = {**_ACTION, **_FOCUS, **_HINT, "dispatch_action_config": DISPATCH}
_STATIC: Mapping[str, Shape] = {
    "options": array(PLAIN_OPTION, least=1, most=100),
    "option_groups": array(OPTION_GROUP, least=1, most=100),
}
_FILTER = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), least=1),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
_CONVERSATIONS: Mapping[str, Shape] = {"default_to_current_conversation": flag, "filter": _FILTER}
_FEEDBACK = record({"text": plain(75), "value": _VALUE}, {"accessibility_label": _LABEL})
_DECIMAL = string(pattern=r"-?\d+(\.\d+)?")
_LINES = integer(least=1, most=100)


def _pick(name: str, own: Mapping[str, Shape], shared: Mapping[str, Shape]) -> Shape:
    return kind(name, {}, {**own, **shared})


BUTTON = kind(
    "button",
    {"text": plain(75)},
    {
        **_ACTION,
        "url": URL,
        "value": _VALUE,
        "style": choice("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": _LABEL,
        "agent_prompt": string(longest=4000, shortest=1),
    },
)
OVERFLOW = kind(
    "overflow",
    {"options": array(option(text(75), url=True), least=1, most=5)},
    {**_ACTION, "confirm": CONFIRM},
)

MENUS: Mapping[str, Shape] = {
    "static_select": both(
        _pick("static_select", {**_STATIC, "initial_option": PLAIN_OPTION}, _MENU),
        exactly_one("options", "option_groups"),
    ),
    "external_select": _pick(
        "external_select", {"initial_option": PLAIN_OPTION, "min_query_length": integer(least=0)}, _MENU
    ),
    "users_select": _pick("users_select", {"initial_user": USER_ID}, _MENU),
    "conversations_select": _pick(
        "conversations_select",
        {"initial_conversation": CONVERSATION_ID, "response_url_enabled": flag, **_CONVERSATIONS},
        _MENU,
    ),
    "channels_select": _pick("channels_select", {"initial_channel": CHANNEL_ID, "response_url_enabled": flag}, _MENU),
}
MULTI_MENUS: Mapping[str, Shape] = {
    "multi_static_select": both(
        _pick("multi_static_select", {**_STATIC, "initial_options": array(PLAIN_OPTION, least=1)}, _MANY),
        exactly_one("options", "option_groups"),
    ),
    "multi_external_select": _pick(
        "multi_external_select",
        {"initial_options": array(PLAIN_OPTION), "min_query_length": integer(least=0)},
        _MANY,
    ),
    "multi_users_select": _pick("multi_users_select", {"initial_users": array(USER_ID)}, _MANY),
    "multi_conversations_select": _pick(
        "multi_conversations_select", {"initial_conversations": array(CONVERSATION_ID), **_CONVERSATIONS}, _MANY
    ),
    "multi_channels_select": _pick("multi_channels_select", {"initial_channels": array(CHANNEL_ID)}, _MANY),
}
PICKERS: Mapping[str, Shape] = {
    "datepicker": _pick("datepicker", {"initial_date": string(pattern=r"\d{4}-\d\d-\d\d")}, _MENU),
    "timepicker": _pick("timepicker", {"initial_time": string(pattern=r"\d\d:\d\d"), "timezone": string()}, _MENU),
    "datetimepicker": kind(
        "datetimepicker",
        {},
        {**_ACTION, **_FOCUS, "confirm": CONFIRM, "initial_date_time": integer(least=0, most=9_999_999_999)},
    ),
}
CHOICES: Mapping[str, Shape] = {
    "checkboxes": kind(
        "checkboxes",
        {"options": array(RICH_OPTION, least=1, most=10)},
        {**_ACTION, **_FOCUS, "confirm": CONFIRM, "initial_options": array(RICH_OPTION, least=1, most=10)},
    ),
    "radio_buttons": kind(
        "radio_buttons",
        {"options": array(RICH_OPTION, least=1, most=10)},
        {**_ACTION, **_FOCUS, "confirm": CONFIRM, "initial_option": RICH_OPTION},
    ),
}
WRITTEN: Mapping[str, Shape] = {
    "plain_text_input": kind(
        "plain_text_input",
        {},
        {
            **_INPUT,
            "initial_value": string(),
            "multiline": flag,
            "min_length": integer(least=0, most=3000),
            "max_length": integer(least=1, most=3000),
        },
    ),
    "email_text_input": kind("email_text_input", {}, {**_INPUT, "initial_value": string()}),
    "url_text_input": kind("url_text_input", {}, {**_INPUT, "initial_value": string()}),
    "number_input": kind(
        "number_input",
        {"is_decimal_allowed": flag},
        {**_INPUT, "initial_value": _DECIMAL, "min_value": _DECIMAL, "max_value": _DECIMAL},
    ),
    "rich_text_input": kind(
        "rich_text_input",
        {},
        {**_INPUT, "initial_value": anything, "min_lines": _LINES, "max_lines": _LINES},
    ),
    "file_input": kind(
        "file_input", {}, {**_ACTION, "filetypes": array(string()), "max_files": integer(least=1, most=10)}
    ),
}
WORKFLOW_BUTTON = kind(
    "workflow_button",
    {"text": plain(75), "workflow": anything, "action_id": ACTION_ID},
    {"style": choice("primary", "danger"), "accessibility_label": _LABEL},
)

IN_ACTIONS: Mapping[str, Shape] = {
    "button": BUTTON,
    "overflow": OVERFLOW,
    "workflow_button": WORKFLOW_BUTTON,
    "rich_text_input": WRITTEN["rich_text_input"],
    **MENUS,
    **MULTI_MENUS,
    **PICKERS,
    **CHOICES,
}
IN_SECTION: Mapping[str, Shape] = {**IN_ACTIONS, "image": IMAGE}
IN_INPUT: Mapping[str, Shape] = {**WRITTEN, **MENUS, **MULTI_MENUS, **PICKERS, **CHOICES}
IN_CONTEXT_ACTIONS: Mapping[str, Shape] = {
    "feedback_buttons": kind("feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION),
    "icon_button": kind(
        "icon_button",
        {"icon": choice("trash"), "text": plain(75)},
        {
            **_ACTION,
            "value": _VALUE,
            "confirm": CONFIRM,
            "accessibility_label": _LABEL,
            "visible_to_user_ids": array(USER_ID, most=10),
        },
    ),
}
