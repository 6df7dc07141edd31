"""Block Kit's limits as the loopback Slack holds them: exactly the limit is taken, one more is not."""

from collections.abc import Callable
from typing import Any

import pytest
from slackblocks import _limits as registry
from slackblocks._surfaces import _BLOCK_TYPES_BY_SURFACE as surfaces

from tests.fakes.slack.blockkit.blocks import SURFACES
from tests.fakes.slack.blockkit.check import problems_in_blocks, problems_in_view

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Yes"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "a", value: str = "a", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def menu(options: list[Json]) -> Json:
    return actions({"type": "static_select", "action_id": "pick", "options": options})


def confirm(**more: Any) -> Json:
    texts = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
    return actions(button(confirm={**texts, **more}))


def card(**more: Any) -> Json:
    return {"type": "card", "title": plain("Card"), **more}


LIMITS: list[tuple[str, Callable[[int], Json]]] = [
    ("SECTION_TEXT_MAX_LENGTH", lambda n: {"type": "section", "text": mrkdwn("x" * n)}),
    ("SECTION_FIELDS_MAX_ITEMS", lambda n: {"type": "section", "fields": [plain("x")] * n}),
    ("SECTION_FIELDS_ITEM_MAX_LENGTH", lambda n: {"type": "section", "fields": [plain("x" * n)]}),
    ("HEADER_TEXT_MAX_LENGTH", lambda n: {"type": "header", "text": plain("x" * n)}),
    ("MARKDOWN_TEXT_MAX_LENGTH", lambda n: {"type": "markdown", "text": "x" * n}),
    ("BLOCK_ID_MAX_LENGTH", lambda n: {"type": "divider", "block_id": "x" * n}),
    ("CONTEXT_ELEMENTS_MAX_ITEMS", lambda n: {"type": "context", "elements": [plain("x")] * n}),
    ("ACTIONS_ELEMENTS_MAX_ITEMS", lambda n: actions(*(button(action_id=str(i)) for i in range(n)))),
    ("BUTTON_TEXT_MAX_LENGTH", lambda n: actions(button(text=plain("x" * n)))),
    ("BUTTON_VALUE_MAX_LENGTH", lambda n: actions(button(value="x" * n))),
    ("ACTION_ID_MAX_LENGTH", lambda n: actions(button(action_id="x" * n))),
    ("BUTTON_URL_MAX_LENGTH", lambda n: actions(button(url="https://" + "x" * (n - 8)))),
    ("BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH", lambda n: actions(button(accessibility_label="x" * n))),
    ("BUTTON_AGENT_PROMPT_MAX_LENGTH", lambda n: actions(button(agent_prompt="x" * n))),
    ("CONFIRMATION_TITLE_MAX_LENGTH", lambda n: confirm(title=plain("x" * n))),
    ("CONFIRMATION_TEXT_MAX_LENGTH", lambda n: confirm(text=plain("x" * n))),
    ("CONFIRMATION_DENY_MAX_LENGTH", lambda n: confirm(deny=plain("x" * n))),
    ("OPTION_TEXT_MAX_LENGTH", lambda n: menu([option("x" * n)])),
    ("OPTION_VALUE_MAX_LENGTH", lambda n: menu([option(value="x" * n)])),
    ("SELECT_OPTIONS_MAX_ITEMS", lambda n: menu([option(value=str(i)) for i in range(n)])),
    ("OVERFLOW_OPTIONS_MAX_ITEMS", lambda n: actions({"type": "overflow", "options": [option()] * n})),
    ("CHECKBOXES_OPTIONS_MAX_ITEMS", lambda n: actions({"type": "checkboxes", "options": [option()] * n})),
    ("CARD_TITLE_MAX_LENGTH", lambda n: card(title=plain("x" * n))),
    ("CARD_BODY_MAX_LENGTH", lambda n: card(body=mrkdwn("x" * n))),
    ("CARD_ACTIONS_MAX_ITEMS", lambda n: card(actions=[button(action_id=str(i)) for i in range(n)])),
    ("CAROUSEL_ELEMENTS_MAX_ITEMS", lambda n: {"type": "carousel", "elements": [card()] * n}),
    (
        "CONTAINER_CHILD_BLOCKS_MAX_ITEMS",
        lambda n: {"type": "container", "title": plain("x"), "child_blocks": [{"type": "divider"}] * n},
    ),
    ("TABLE_ROWS_MAX_ITEMS", lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}),
    ("TABLE_COLUMNS_MAX_ITEMS", lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]}),
    (
        "PLAN_TASKS_MAX_ITEMS",
        lambda n: {"type": "plan", "title": "x", "tasks": [{"type": "task_card", "task_id": "1", "title": "x"}] * n},
    ),
    ("IMAGE_ALT_TEXT_MAX_LENGTH", lambda n: {"type": "image", "image_url": "https://x.y/z", "alt_text": "x" * n}),
]


@pytest.mark.parametrize(("limit", "block"), LIMITS, ids=[name for name, _ in LIMITS])
def test_the_limit_is_taken_and_one_more_is_not(limit: str, block: Callable[[int], Json]) -> None:
    most = getattr(registry, limit)
    assert problems_in_blocks([block(most)], "message") == []
    assert problems_in_blocks([block(most + 1)], "message") != []


@pytest.mark.parametrize(
    ("blocks", "pointer"),
    [
        ([{"type": "section"}], "/blocks/0"),
        ([{"type": "section", "text": "quack"}], "/blocks/0/text"),
        ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
        ([{"type": "section", "text": mrkdwn("")}], "/blocks/0/text/text"),
        ([{"type": "divider", "colour": "green"}], "/blocks/0/colour"),
        ([actions()], "/blocks/0/elements"),
        ([actions(button(style="default"))], "/blocks/0/elements/0/style"),
        ([actions({"type": "plain_text_input", "action_id": "x"})], "/blocks/0/elements/0/type"),
        ([actions({"type": "button", "action_id": "x"})], "/blocks/0/elements/0/text"),
        ([actions(button(action_id="x"), button(action_id="x"))], "/blocks/0"),
        ([{"type": "divider", "block_id": "x"}, {"type": "divider", "block_id": "x"}], "/blocks"),
        ([{"type": "markdown", "text": "x" * 6_001}] * 2, "/blocks"),
        ([{"type": "alert", "text": plain("x")}], "/blocks/0/type"),
        ([{"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}], "/blocks/0/status"),
        ([menu([])], "/blocks/0/elements/0/options"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "/blocks"),
    ],
)
def test_what_is_wrong_is_pointed_at(blocks: list[Json], pointer: str) -> None:
    assert [problem.pointer for problem in problems_in_blocks(blocks, "message")] == [pointer]


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_the_surfaces_are_those_of_the_registry(surface: Any) -> None:
    assert SURFACES[surface] == surfaces[surface] - {"data_visualization"}  # charts are not of this house


MODAL: Json = {"type": "modal", "title": plain("x"), "blocks": []}
INPUT: Json = {"type": "input", "label": plain("x"), "element": {"type": "plain_text_input", "action_id": "x"}}


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        ({**MODAL, "title": plain("x" * 25)}, "/view/title/text"),
        ({**MODAL, "submit": plain("x" * 25)}, "/view/submit/text"),
        ({**MODAL, "close": mrkdwn("x")}, "/view/close/type"),
        ({**MODAL, "private_metadata": "x" * 3_001}, "/view/private_metadata"),
        ({**MODAL, "callback_id": "x" * 256}, "/view/callback_id"),
        ({**MODAL, "blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({**MODAL, "blocks": [{"type": "markdown", "text": "x"}]}, "/view/blocks/0/type"),
        ({**MODAL, "blocks": [INPUT]}, "/view/submit"),
        ({"type": "modal", "blocks": []}, "/view/title"),
        ({"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]}, "/view/blocks/0/type"),
        ({"type": "home", "blocks": [], "title": plain("x")}, "/view/title"),
        ({"type": "page", "blocks": []}, "/view/type"),
    ],
)
def test_views_have_limits_too(view: Json, pointer: str) -> None:
    assert [problem.pointer for problem in problems_in_view(view)] == [pointer]


def test_a_modal_at_its_limits_is_taken() -> None:
    view = {**MODAL, "title": plain("x" * 24), "submit": plain("x" * 24), "private_metadata": "x" * 3_000}
    assert problems_in_view({**view, "blocks": [INPUT, *[{"type": "divider"}] * 99]}) == []
