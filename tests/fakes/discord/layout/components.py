"""Every component of a message or a modal, field by field."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.discord.shapes import (
    Problem,
    Shape,
    among,
    array,
    both,
    flag,
    integer,
    nullable,
    record,
    snowflake,
    string,
    tagged,
)

ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 1, 2, 3, 4, 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 17, 18, 19, 21, 22, 23
OTHER_SELECTS = (5, 6, 7, 8)
LINK, PREMIUM = 5, 6
LARGEST_ID = 2**31 - 1


def component(kind: int, required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """A record that carries its own `type`, and perhaps its own number."""
    numbered = {"id": integer(least=0, most=LARGEST_ID), **(optional or {})}
    return record({"type": among(kind), **required}, numbered)


CUSTOM_ID = string(shortest=1, longest=100)
EMOJI = record({}, {"id": nullable(snowflake), "name": nullable(string(longest=64)), "animated": flag})
MEDIA = record({"url": string(shortest=1, longest=2048, pattern=r"(?:https?|attachment)://\S+")})
DESCRIPTION = nullable(string(longest=1024))

_OPTION = record(
    {"label": string(shortest=1, longest=100), "value": string(shortest=1, longest=100)},
    {"description": nullable(string(longest=100)), "emoji": nullable(EMOJI), "default": flag},
)
_SELECT_SHARED: dict[str, Shape] = {
    "placeholder": nullable(string(longest=150)),
    "min_values": integer(least=0, most=25),
    "max_values": integer(least=1, most=25),
    "disabled": flag,
    "required": flag,
}


def _distinct_values(value: Any, at: str) -> Iterator[Problem]:
    values = [
        option["value"] for option in value.get("options") or () if isinstance(option, dict) and "value" in option
    ]
    if len(set(map(str, values))) < len(values):
        yield Problem(f"{at}/options", "the values of the options must be distinct")


def _bounds(least: str, most: str) -> Shape:
    def check(value: Any, at: str) -> Iterator[Problem]:
        low, high = value.get(least), value.get(most)
        if isinstance(low, int) and isinstance(high, int) and low > high:
            yield Problem(f"{at}/{least}", f"{least} is larger than {most}")

    return check


def _button_has_one_purpose(value: Any, at: str) -> Iterator[Problem]:
    """A link has a URL, a premium button a SKU, every other one a custom_id; and each nothing of the others."""
    wanted = {LINK: "url", PREMIUM: "sku_id"}.get(value.get("style"), "custom_id")
    if value.get(wanted) is None:
        yield Problem(f"{at}/{wanted}", f"a button of style {value.get('style')} needs a {wanted}")
    for other in {"url", "sku_id", "custom_id"} - {wanted}:
        if value.get(other) is not None:
            yield Problem(f"{at}/{other}", f"a button of style {value.get('style')} cannot have a {other}")
    if value.get("style") == PREMIUM and (value.get("label") or value.get("emoji")):
        yield Problem(at, "a premium button has neither label nor emoji")
    if value.get("style") != PREMIUM and not value.get("label") and not value.get("emoji"):
        yield Problem(f"{at}/label", "a button needs a label or an emoji")


_BUTTON = both(
    component(
        BUTTON,
        {"style": integer(least=1, most=6)},
        {
            "label": nullable(string(longest=80)),
            "emoji": nullable(EMOJI),
            "custom_id": CUSTOM_ID,
            "url": string(shortest=1, longest=512, pattern=r"(?:https?|discord)://\S+"),
            "sku_id": snowflake,
            "disabled": flag,
        },
    ),
    _button_has_one_purpose,
)
_STRING_SELECT = both(
    component(SELECT, {"custom_id": CUSTOM_ID, "options": array(_OPTION, least=1, most=25)}, _SELECT_SHARED),
    _distinct_values,
    _bounds("min_values", "max_values"),
)
_DEFAULTS = array(record({"id": snowflake, "type": among("user", "role", "channel")}), most=25)


def _auto_select(kind: int) -> Shape:
    more = {"default_values": _DEFAULTS, "channel_types": array(integer(least=0), most=20)}
    return both(
        component(kind, {"custom_id": CUSTOM_ID}, {**_SELECT_SHARED, **more}), _bounds("min_values", "max_values")
    )


SELECTS: dict[str, Shape] = {str(SELECT): _STRING_SELECT, **{str(kind): _auto_select(kind) for kind in OTHER_SELECTS}}
_TEXT = component(TEXT, {"content": string(shortest=1, longest=4000)})
_THUMBNAIL = component(THUMBNAIL, {"media": MEDIA}, {"description": DESCRIPTION, "spoiler": flag})


def _row_of_one_kind(value: Any, at: str) -> Iterator[Problem]:
    kinds = [child.get("type") for child in value.get("components") or () if isinstance(child, dict)]
    if any(kind != BUTTON for kind in kinds) and len(kinds) > 1:
        yield Problem(f"{at}/components", "a row holds up to five buttons or one select")


_ROW = both(
    component(ROW, {"components": array(tagged({str(BUTTON): _BUTTON, **SELECTS}), least=1, most=5)}), _row_of_one_kind
)
_SECTION = component(
    SECTION,
    {
        "components": array(tagged({str(TEXT): _TEXT}), least=1, most=3),
        "accessory": tagged({str(BUTTON): _BUTTON, str(THUMBNAIL): _THUMBNAIL}),
    },
)
_ITEM = record({"media": MEDIA}, {"description": DESCRIPTION, "spoiler": flag})
_CONTAINED: dict[str, Shape] = {
    str(ROW): _ROW,
    str(SECTION): _SECTION,
    str(TEXT): _TEXT,
    str(GALLERY): component(GALLERY, {"items": array(_ITEM, least=1, most=10)}),
    str(FILE): component(FILE, {"file": record({"url": string(pattern=r"attachment://\S+")})}, {"spoiler": flag}),
    str(SEPARATOR): component(SEPARATOR, {}, {"divider": flag, "spacing": among(1, 2)}),
}
_CONTAINER = component(
    CONTAINER,
    {"components": array(tagged(_CONTAINED), least=1)},
    {"accent_color": nullable(integer(least=0, most=0xFFFFFF)), "spoiler": flag},
)
V2: dict[str, Shape] = {**_CONTAINED, str(CONTAINER): _CONTAINER}
LEGACY: dict[str, Shape] = {str(ROW): _ROW}

_TEXT_INPUT = both(
    component(
        TEXT_INPUT,
        {"custom_id": CUSTOM_ID, "style": among(1, 2)},
        {
            "label": nullable(string(longest=45)),
            "min_length": integer(least=0, most=4000),
            "max_length": integer(least=1, most=4000),
            "required": flag,
            "value": nullable(string(longest=4000)),
            "placeholder": nullable(string(longest=100)),
        },
    ),
    _bounds("min_length", "max_length"),
)
_CHOICE = record(
    {"label": string(shortest=1, longest=100), "value": string(shortest=1, longest=100)},
    {"description": nullable(string(longest=100)), "default": flag},
)
_LABELLED: dict[str, Shape] = {
    str(TEXT_INPUT): _TEXT_INPUT,
    **SELECTS,
    str(UPLOAD): both(
        component(
            UPLOAD,
            {"custom_id": CUSTOM_ID},
            {"min_values": integer(least=0, most=10), "max_values": integer(least=1, most=10), "required": flag},
        ),
        _bounds("min_values", "max_values"),
    ),
    str(RADIO): both(
        component(RADIO, {"custom_id": CUSTOM_ID, "options": array(_CHOICE, least=2, most=10)}, {"required": flag}),
        _distinct_values,
    ),
    str(CHECKBOXES): both(
        component(
            CHECKBOXES,
            {"custom_id": CUSTOM_ID, "options": array(_CHOICE, least=1, most=10)},
            {"min_values": integer(least=0, most=10), "max_values": integer(least=1, most=10), "required": flag},
        ),
        _distinct_values,
    ),
    str(CHECKBOX): component(CHECKBOX, {"custom_id": CUSTOM_ID}, {"default": flag}),
}
MODAL: dict[str, Shape] = {
    str(TEXT): _TEXT,
    str(LABEL): component(
        LABEL,
        {"label": string(shortest=1, longest=45), "component": tagged(_LABELLED)},
        {"description": nullable(string(longest=100))},
    ),
    str(ROW): component(ROW, {"components": array(tagged({str(TEXT_INPUT): _TEXT_INPUT}), least=1, most=1)}),
}
