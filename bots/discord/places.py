"""Ids of Discord and refs of the runtime, each made from the other. Pure.

| place | space | channel | thread |
|---|---|---|---|
| a message in a channel that has threads | server | channel | the message |
| a public thread, a post in a forum | server | its parent | the thread |
| a private thread, the chat of a voice channel | server | itself | "" |
| a direct message | "" | its channel | "" |

A thread that is opened on a message bears the message's id: so a request's thread has its name before it exists.
"""

import hashlib
from datetime import UTC, datetime

from runtime.errors import PlatformRefused
from runtime.records import ConversationRef, MessageRef, UserRef

PLATFORM = "discord"
NONCE = 25
_EPOCH = 1_420_070_400_000
_SMALLEST_MARK, _MARKS = 2**20, 2**31 - 2**20  # Discord numbers components from 1 where nobody does


def user(id_: int) -> UserRef:
    """Accounts are the same on every server."""
    return UserRef(platform=PLATFORM, id=str(id_))


def conversation(*, guild: int | None, channel: int, thread: int | None = None) -> ConversationRef:
    return ConversationRef(platform=PLATFORM, space=str(guild or ""), channel=str(channel), thread=str(thread or ""))


def is_direct(where: ConversationRef) -> bool:
    return not where.space


def target_of(where: ConversationRef) -> int:
    """The channel of Discord's that a conversation is: the thread where it has one."""
    return int(where.thread or where.channel)


def ref_of(where: ConversationRef, channel: int, message: int) -> MessageRef:
    """`channel` is where the message stands: the thread, or what had to stand in for it."""
    return MessageRef(where=where, id=f"{channel}/{message}")


def message_of(ref: MessageRef) -> tuple[int, int]:
    """The channel and the id of a message. Raises PlatformRefused for a ref that is none of ours."""
    channel, _, message = ref.id.partition("/")
    if not (channel.isdecimal() and message.isdecimal()):
        raise PlatformRefused(f"{ref.id!r} is no message on Discord")
    return int(channel), int(message)


def mark_of(key: str) -> int:
    """The number that the first component of a message bears for as long as it stands."""
    return _SMALLEST_MARK + int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % _MARKS


def nonce_of(key: str) -> str:
    """What lets Discord see for some minutes that a message was posted before."""
    return key if 0 < len(key) <= NONCE else hashlib.sha256(key.encode()).hexdigest()[:NONCE]


def sent_at(snowflake: int) -> datetime:
    """An id is a time as well."""
    return datetime.fromtimestamp(((snowflake >> 22) + _EPOCH) / 1000, tz=UTC)


def snowflake_at(at: datetime) -> int:
    """The smallest id that something of this time can have; 0 for the time before Discord."""
    return max(0, round(at.timestamp() * 1000) - _EPOCH) << 22


def source_of(channel: int, message: int, attachment: int, url: str) -> str:
    """What a file is fetched by: links expire, so it says where a new one stands."""
    return f"{channel}/{message}/{attachment}|{url}"


def read_source(source: str) -> tuple[tuple[int, int, int] | None, str]:
    """Channel, message and attachment, where they are known, and the link."""
    place, bar, url = source.partition("|")
    parts = place.split("/")
    if not bar or len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return None, source
    channel, message, attachment = map(int, parts)
    return (channel, message, attachment), url
