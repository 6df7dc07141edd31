"""Requests that left no message behind, like those of Slack's slash commands. A message of ours to the person alone begins
their thread, and the request is received in it. Pure."""

from msgspec.structs import replace

from runtime.records import Delivery, IncomingMessage, JsonObject, MessageRef
from runtime.showing import shortened

_SHOWN = 3_000
_NAME = "opens"


def opening(text: str, *, author_name: str) -> JsonObject:
    """The body of the notice that begins the thread: like a request's run, it keeps the words as they are."""
    return {"markdown": f"You asked: {shortened(text, _SHOWN)}", _NAME: {"text": text, "author_name": author_name}}


def opens_thread(delivery: Delivery) -> bool:
    return _NAME in delivery.body


def opened(delivery: Delivery, root: MessageRef) -> IncomingMessage | None:
    """What is received once the notice stands as `root`: always the same, however often it is looked for. None for a delivery
    that opens nothing."""
    if not opens_thread(delivery):
        return None
    request = delivery.body[_NAME]
    return IncomingMessage(
        id=root.id,
        where=replace(root.where, thread=root.id),
        author=delivery.person,
        author_name=str(request["author_name"]),
        text=str(request["text"]),
        sent_at=delivery.created_at,
        direct=True,
    )
