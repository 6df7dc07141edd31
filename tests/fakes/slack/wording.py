"""The content arguments that all posting methods share: text, blocks, markdown, metadata."""

import json
from typing import Any

from tests.fakes.slack.blockkit.check import (
    LONGEST_MARKDOWN,
    LONGEST_MESSAGE,
    characters_in,
    problems_in_blocks,
    problems_in_view,
    shared_action_ids,
)
from tests.fakes.slack.blockkit.shapes import Problem
from tests.fakes.slack.content import Content
from tests.fakes.slack.refusals import Breach
from tests.fakes.slack.stage import Stage

Json = dict[str, Any]
LONGEST_TEXT = 40_000
LARGEST_VIEW = 250_000


def refuse(error: str, problems: list[Problem]) -> None:
    """Say what is wrong with blocks, in Slack's form; nothing if nothing is."""
    if problems:
        texts = [str(problem) for problem in problems]
        metadata = {"messages": [f"[ERROR] {text}" for text in texts]}
        raise Breach(error, "; ".join(texts), errors=texts, response_metadata=metadata)


def check_posted(stage: Stage, method: str, given: Json) -> None:
    """All that can be wrong with what a message says."""
    blocks = given.get("blocks") or []
    refuse("invalid_blocks", problems_in_blocks(blocks, "message"))
    if (size := characters_in(blocks)) > LONGEST_MESSAGE:
        raise Breach("msg_blocks_too_long", f"{size} characters in all blocks")
    if len(given.get("text") or "") > LONGEST_TEXT:
        raise Breach("msg_too_long", f"{len(given['text'])} characters of text")
    if "markdown_text" in given:
        if "text" in given or "blocks" in given:
            raise Breach("markdown_text_conflict", "markdown_text stands alone")
        if len(given["markdown_text"]) > LONGEST_MARKDOWN:
            raise Breach("msg_too_long", f"{len(given['markdown_text'])} characters of markdown_text")
    if given.get("metadata"):
        check_metadata(given["metadata"])
    note_lapses(stage, method, given)
    for action_id in shared_action_ids(blocks):
        stage.record.lapse(method, f"action_id {action_id!r} stands in several blocks of one message")


def note_lapses(stage: Stage, method: str, given: Json) -> None:
    if given.get("link_names"):
        stage.record.lapse(method, "link_names makes names into mentions")
    if given.get("parse") == "full":
        stage.record.lapse(method, "parse: full makes names into mentions")
    if method == "chat.postMessage":
        for flag in ("unfurl_links", "unfurl_media"):
            if given.get(flag) is not False:
                stage.record.lapse(method, f"{flag} is not false")


def check_metadata(metadata: Json) -> None:
    if set(metadata) - {"event_type", "event_payload", "entities"}:
        raise Breach("invalid_metadata_format", f"unknown fields in {sorted(metadata)}")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise Breach("invalid_metadata_format", "event_type must be a string")
    if not isinstance(metadata.get("event_payload"), dict):
        raise Breach("invalid_metadata_format", "event_payload must be an object")
    if len(json.dumps(metadata)) > 16_000:
        raise Breach("metadata_too_large", "more than 16 kB")


def content_of(stage: Stage, given: Json) -> Content:
    """What is to be shown."""
    if "markdown_text" in given:
        block = {"type": "markdown", "text": given["markdown_text"]}
        return Content(fallback=given["markdown_text"], blocks=stage.state.identified([block]))
    return Content(fallback=given.get("text") or "", blocks=stage.state.identified(given.get("blocks") or []))


def check_view(view: Json) -> None:
    problems = problems_in_view(view)
    if problems:
        texts = [str(problem) for problem in problems]
        metadata = {"messages": [f"[ERROR] {text}" for text in texts]}
        raise Breach("invalid_arguments", "; ".join(texts), response_metadata=metadata)
    if len(json.dumps(view)) > LARGEST_VIEW:
        raise Breach("view_too_large", "more than 250 kB")
