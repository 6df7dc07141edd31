"""Whether Slack would take these blocks, this view, these attachments."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.fakes.slack.blockkit.blocks import BLOCKS, SURFACES, Surface
from tests.fakes.slack.blockkit.shapes import Problem, array, choice, flag, record, string, tagged
from tests.fakes.slack.blockkit.texts import plain
from tests.fakes.slack.content import controls_of

LONGEST_MARKDOWN = 12_000
LONGEST_MESSAGE = 13_200
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}


def problems_in_blocks(blocks: Any, surface: Surface, *, at: str = "/blocks") -> list[Problem]:
    """Everything that is wrong with them; nothing when Slack would take them."""
    found = list(array(tagged(BLOCKS), most=MOST_BLOCKS[surface])(blocks, at))
    if found:
        return found
    return [
        *_misplaced(blocks, surface, at),
        *_repeated_ids(blocks, at),
        *_too_much_markdown(blocks, at),
        *_too_many_tables(blocks, at),
        *_refused_by_the_sdk(blocks, at),
    ]


def _misplaced(blocks: Sequence[Any], surface: Surface, at: str) -> Iterator[Problem]:
    for index, block in enumerate(blocks):
        if block["type"] not in SURFACES[surface]:
            yield Problem(f"{at}/{index}/type", f"a {block['type']} block cannot stand in a {surface}")
        if block["type"] == "task_card" and block.get("status") == "pending":
            yield Problem(f"{at}/{index}/status", "only a task of a plan can be pending")
        if block["type"] == "input" and surface != "modal" and block["element"]["type"] == "file_input":
            yield Problem(f"{at}/{index}/element", "a file_input can only stand in a modal")


def _repeated_ids(blocks: Sequence[Any], at: str) -> Iterator[Problem]:
    for block_id, count in Counter(b["block_id"] for b in blocks if b.get("block_id")).items():
        if count > 1:
            yield Problem(at, f"block_id {block_id!r} stands {count} times")
    for index, block in enumerate(blocks):
        ids = Counter(c.action_id for c in controls_of([block]) if c.action_id and c.kind != "feedback_buttons")
        for action_id, count in ids.items():
            if count > 1:
                yield Problem(f"{at}/{index}", f"action_id {action_id!r} stands {count} times in one block")


def shared_action_ids(blocks: Sequence[Any]) -> list[str]:
    """Action ids that stand in more than one block: Slack takes them, a reader of the payload may not."""
    per_block = [{c.action_id for c in controls_of([block]) if c.action_id} for block in blocks]
    counted = Counter(action_id for ids in per_block for action_id in ids)
    return sorted(action_id for action_id, count in counted.items() if count > 1)


def _too_much_markdown(blocks: Sequence[Any], at: str) -> Iterator[Problem]:
    total = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if total > LONGEST_MARKDOWN:
        yield Problem(at, f"markdown blocks hold {total} characters together; {LONGEST_MARKDOWN} are allowed")


def _too_many_tables(blocks: Sequence[Any], at: str) -> Iterator[Problem]:
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield Problem(at, "only one table is allowed in a message")
    cells = sum(len(str(c.get("text", ""))) for b in blocks if b["type"] == "data_table" for r in b["rows"] for c in r)
    if cells > 20_000:
        yield Problem(at, f"data tables hold {cells} characters; 20000 are allowed")
    for index, block in enumerate(blocks):
        if block["type"] == "data_table" and len({len(row) for row in block["rows"]}) > 1:
            yield Problem(f"{at}/{index}/rows", "every row must have the same number of cells")


def _refused_by_the_sdk(blocks: Sequence[Any], at: str) -> Iterator[Problem]:
    """The vendor's own models have the last word."""
    for index, block in enumerate(blocks):
        try:
            model = Block.parse(block)
            if model is not None:
                model.validate_json()
        except SlackObjectFormationError as refusal:
            yield Problem(f"{at}/{index}", f"slack-sdk: {refusal}")


def characters_in(value: Any) -> int:
    """How much text there is in blocks: what counts towards `msg_blocks_too_long`."""
    match value:
        case dict():
            own = sum(len(v) for k, v in value.items() if k in _TEXTS and isinstance(v, str))
            return own + sum(characters_in(child) for child in value.values() if not isinstance(child, str))
        case list():
            return sum(map(characters_in, value))
        case _:
            return 0


_TEXTS = frozenset({"text", "title", "alt_text"})

_VIEW_SHARED = {
    "private_metadata": string(longest=3000),
    "callback_id": string(longest=255),
    "external_id": string(longest=255),
    "blocks": array(tagged(BLOCKS)),
}
_MODAL = record(
    {"type": choice("modal"), "title": plain(24), "blocks": array(tagged(BLOCKS))},
    {
        **_VIEW_SHARED,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = record({"type": choice("home"), "blocks": array(tagged(BLOCKS))}, _VIEW_SHARED)


def problems_in_view(view: Any, *, at: str = "/view") -> list[Problem]:
    if not isinstance(view, dict):
        return [Problem(at, "must be an object")]
    match view.get("type"):
        case "modal":
            found = list(_MODAL(view, at)) or problems_in_blocks(view["blocks"], "modal", at=f"{at}/blocks")
            if not found and any(b["type"] == "input" for b in view["blocks"]) and not view.get("submit"):
                found = [Problem(f"{at}/submit", "a modal with inputs needs a submit button")]
            return found
        case "home":
            return list(_HOME(view, at)) or problems_in_blocks(view["blocks"], "home", at=f"{at}/blocks")
        case other:
            return [Problem(f"{at}/type", f"must be modal or home; is {other!r}")]
