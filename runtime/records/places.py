"""Who speaks, where, and what was said."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Self

from msgspec import Struct

UNKNOWN_SPACE = "unknown"
"""The `space` of a person where their platform does not say whose they are: no setting names it."""
_WRITTEN_USER = re.compile(r"([a-z]+):(?:([^/\s:]+)/)?([^/\s:]+)")


class UserRef(Struct, frozen=True, kw_only=True):
    """A person's account on a platform. Written `slack:T1/U2`; platforms without spaces write `discord:42`.

    A person may have several: whether two accounts are one person's is for `runtime.persons` to say, never for `==`.
    """

    platform: str
    space: str = ""
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.space}/{self.id}" if self.space else f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form. Raises ValueError that names the form wanted."""
        found = _WRITTEN_USER.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a person: write slack:TEAM/USER, discord:USER or terminal:USER")
        platform, space, id_ = found.groups()
        return cls(platform=platform, space=space or "", id=id_)


class ConversationRef(Struct, frozen=True, kw_only=True):
    """A thread, channel or direct message. `thread` is "" where the conversation is not a thread.

    `channel` is "" for what is owed to a person alone, wherever that is: the courier asks their platform.
    Its channel is written `slack:T1/C2`, without a space `terminal:local`; threads are part of their channel.
    """

    platform: str
    space: str = ""
    channel: str
    thread: str = ""

    @classmethod
    def alone_with(cls, user: UserRef) -> Self:
        return cls(platform=user.platform, space=user.space, channel="")

    @property
    def written_channel(self) -> str:
        return f"{self.platform}:{self.space}/{self.channel}" if self.space else f"{self.platform}:{self.channel}"


class MessageRef(Struct, frozen=True, kw_only=True):
    """A message that stands on a platform. `id` is unique within `where.channel`."""

    where: ConversationRef
    id: str


class Attachment(Struct, frozen=True, kw_only=True):
    """A file that came with a message, `size` bytes. `source` is what the platform fetches it by.

    Until it was fetched, `text` is None and `note` is "". Afterwards `text` is its text, shortened to the cap, or
    None where it is not text; `note` says what was left out and why.
    """

    name: str
    media_type: str
    size: int
    source: str = ""
    text: str | None = None
    note: str = ""


class Reasoning(StrEnum):
    ON = "on"
    OFF = "off"
    AUTO = "auto"


class IncomingMessage(Struct, frozen=True, kw_only=True):
    """A message to Mallard. `id` is the platform's own and the key of deduplication within platform, space and channel.

    `direct` says that only its author and Mallard can read the conversation.
    `addressed` is False for a reply in a thread that names nobody: it is for Mallard only where Mallard has a run.
    """

    id: str
    where: ConversationRef
    author: UserRef
    author_name: str = ""
    text: str
    sent_at: datetime
    direct: bool = False
    addressed: bool = True
    attachments: tuple[Attachment, ...] = ()
    reasoning: Reasoning | None = None
    debug: bool | None = None
    reflect: bool | None = None
