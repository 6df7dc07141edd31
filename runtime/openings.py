"""Requests that left no message behind, like those of slash commands. A message of ours begins their conversation, to the
person alone or for all to see, and the request is received in it. Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from runtime.records import ConversationRef, Delivery, IncomingMessage, JsonObject, MessageRef, Reasoning
from runtime.showing import shortened
from runtime.storable import utf8

_SHOWN = 3_000
_NAME = "opens"


class Announcement(Struct, frozen=True, kw_only=True):
    """How a request is shown where it was made, before it is worked on. `markdown` holds no secret.

    `begins_thread` says that what follows goes into a thread of its own; `sent_at` is the platform's time.
    """

    where: ConversationRef
    direct: bool
    begins_thread: bool
    markdown: str
    sent_at: datetime
    reasoning: Reasoning | None = None
    debug: bool | None = None
    reflect: bool | None = None


def opening(text: str, *, author_name: str, shown: Announcement | None = None) -> JsonObject:
    """The body of the notice that begins the conversation: like a request's run, it keeps the words as they are."""
    request = {"text": text, "author_name": author_name}
    if shown is None:
        return {"markdown": f"You asked: {shortened(text, _SHOWN)}", _NAME: request}
    said = {
        "in_place": not shown.begins_thread,
        "sent_at": shown.sent_at.isoformat(),
        "reasoning": shown.reasoning and shown.reasoning.value,
        "debug": shown.debug,
        "reflect": shown.reflect,
    }
    return {"markdown": utf8(shown.markdown), _NAME: request | said}


def opens_conversation(delivery: Delivery) -> bool:
    return _NAME in delivery.body


def opened(
    delivery: Delivery, root: MessageRef, thread_on: Callable[[MessageRef, str], ConversationRef]
) -> IncomingMessage:
    """What is received once the notice stands as `root`: always the same, however often it is looked for. `thread_on` is
    the platform's."""
    request: dict[str, Any] = delivery.body[_NAME]
    text, sent_at, reasoning = str(request["text"]), request.get("sent_at"), request.get("reasoning")
    stays = request.get("in_place") and delivery.form != "direct"
    return IncomingMessage(
        id=root.id,
        where=root.where if stays else thread_on(root, text),
        author=delivery.person,
        author_name=str(request["author_name"]),
        text=text,
        sent_at=delivery.created_at if sent_at is None else datetime.fromisoformat(sent_at),
        direct=delivery.direct,
        reasoning=None if reasoning is None else Reasoning(reasoning),
        debug=request.get("debug"),
        reflect=request.get("reflect"),
    )
