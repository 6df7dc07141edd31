"""A platform that is a file: what was posted stands there whatever becomes of the process that posted it."""

import json
import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from runtime.contents import Card, Content, File, Page, Text
from runtime.door import Door
from runtime.policy import LOCAL
from runtime.ports import Limits, OnPosted, Seen, StreamRequest
from runtime.records import Attachment, ConversationRef, IncomingMessage, MessageRef, UserRef

WHERE = ConversationRef(platform=LOCAL, channel="wall")
PERSON = UserRef(platform=LOCAL, id="ann")


class Standing(Struct, frozen=True, kw_only=True):
    """A message as it stands: its text, or the card that it is. `buttons` are tokens by verb."""

    id: str
    key: str
    text: str = ""
    card: int = 0
    status: str = ""
    closing: str = ""
    buttons: dict[str, str] = field(default_factory=dict)


def read_wall(path: Path) -> list[Standing]:
    """What stands on the wall, oldest first: each message as it was last edited."""
    standing: dict[str, dict[str, Any]] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        said = json.loads(line)
        standing[said["id"]] = standing.get(said["id"], {}) | said
    return [Standing(**message) for message in standing.values()]


class Wall:
    """`runtime.ports.Platform` over a file of JSON lines, each of which stands as soon as it is written."""

    def __init__(self, path: Path, *, streams: bool, name: str = LOCAL) -> None:
        self.name = name
        self._path = path
        self._next = len(read_wall(path)) + 1
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.limits = Limits(text=10_000, pieces=3, streams=streams)

    async def start(self, door: Door) -> None:
        """A wall has nobody to hand anything to."""

    async def stop(self) -> None:
        """What stands, stands."""

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        message = MessageRef(where=where, id=str(self._next))
        self._next += 1
        self._write(message.id, key=key, **_plain(content))
        return message

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        self._write(message.id, **_plain(content))

    def open_stream(self, request: StreamRequest) -> "WallStream":
        return WallStream(self, request)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        found = next((message for message in read_wall(self._path) if message.key == key), None)
        return None if found is None else MessageRef(where=where, id=found.id)

    def thread_on(self, message: MessageRef, request: str) -> ConversationRef:
        return message.where

    async def direct_message(self, user: UserRef) -> ConversationRef:
        return WHERE

    async def fetch(self, attachment: Attachment) -> Attachment:
        return attachment

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        return True

    async def catch_up(self, seen: tuple[Seen, ...], since: datetime) -> AsyncIterator[IncomingMessage]:
        """Nothing: whoever wrote says it again where it was not accepted."""
        for _ in ():
            yield _

    def _write(self, id_: str, **said: Any) -> None:
        os.write(self._file, (json.dumps({"id": id_, **said}) + "\n").encode())


class WallStream:
    """An answer that is written onto the wall piece by piece."""

    def __init__(self, wall: Wall, request: StreamRequest) -> None:
        self._wall, self._request = wall, request
        self._key = ""
        self._on_posted: OnPosted | None = None
        self._text = ""
        self._message: MessageRef | None = None

    @property
    def message(self) -> MessageRef | None:
        return self._message

    async def status(self, text: str) -> None:
        """A wall has no status line."""

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        self._key, self._on_posted = key, on_posted

    async def append(self, text: str) -> None:
        self._text += text
        if self._message is not None:
            await self._wall.edit(self._message, Text(markdown=self._text))
            return
        self._message = await self._wall.post(self._request.where, Text(markdown=self._text), key=self._key)
        assert self._on_posted is not None
        await self._on_posted(self._message)

    async def finish_answer(self, markdown: str) -> bool:
        if self._message is None:
            return False
        await self._wall.edit(self._message, Text(markdown=markdown))
        return True

    async def close(self, *, suspended: bool) -> None:
        """Nothing moves on a wall."""


def _plain(content: Content) -> dict[str, Any]:
    match content:
        case Card():
            buttons = {button.verb: button.token for button in content.buttons}
            return {
                "card": content.approval_id,
                "status": content.status.value,
                "closing": content.closing,
                "buttons": buttons,
            }
        case Text(markdown=markdown):
            return {"text": markdown}
        case File(text=text):
            return {"text": text}
        case Page(title=title):
            return {"text": title}
