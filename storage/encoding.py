"""How values are written into columns and read from them: the one place where storage writes JSON and times."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from msgspec.structs import asdict

from runtime.records import Attachment, ConversationRef, MessageRef, Observation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    return _EPOCH + timedelta(microseconds=stored)


def optional_micros(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def optional_moment(stored: int | None) -> datetime | None:
    return None if stored is None else moment(stored)


def to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def from_json(text: str | bytes) -> Any:
    return orjson.loads(text)


def attachments_to_json(attachments: tuple[Attachment, ...]) -> str:
    return to_json([asdict(attachment) for attachment in attachments]) if attachments else "[]"


def attachments_from_json(text: str) -> tuple[Attachment, ...]:
    return () if text == "[]" else tuple(Attachment(**fields) for fields in orjson.loads(text))


def observation_to_json(observation: Observation) -> str:
    body: dict[str, object] = {"ok": observation.ok, "text": observation.text}
    if observation.error:
        body["error"] = observation.error
    if observation.metadata:
        body["metadata"] = dict(observation.metadata)
    return orjson.dumps(body).decode()


def observation_from_json(text: str | None) -> Observation | None:
    return None if text is None else Observation(**orjson.loads(text))


def messages_to_json(messages: tuple[MessageRef, ...]) -> str:
    return to_json([_message_fields(message) for message in messages])


def messages_from_json(text: str) -> tuple[MessageRef, ...]:
    return () if text == "[]" else tuple(_message_from(fields) for fields in orjson.loads(text))


def _message_fields(message: MessageRef) -> list[str]:
    where = message.where
    return [where.platform, where.space, where.channel, where.thread, message.id]


def _message_from(fields: list[str]) -> MessageRef:
    platform, space, channel, thread, id_ = fields
    where = ConversationRef(platform=platform, space=space, channel=channel, thread=thread)
    return MessageRef(where=where, id=id_)
