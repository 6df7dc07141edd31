"""Mallard is away while people speak, and comes back."""

from datetime import UTC, datetime

from bots.discord.places import sent_at
from runtime.ports import Seen
from runtime.records import ConversationRef, IncomingMessage
from tests.fakes.discord import Channel, Discord, Message
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor

READ = "GET /channels/{channel}/messages"


def seen(channel: Channel, message: Message, thread: str = "") -> Seen:
    inside = "" if channel.is_direct else thread or message.id
    where = ConversationRef(platform="discord", space=channel.guild or "", channel=channel.id, thread=inside)
    return Seen(where=where, direct=channel.is_direct, last_id=message.id, last_at=sent_at(int(message.id)))


class Away:
    """Mallard comes back, and finds what it has missed."""

    def __init__(self, discord: Discord, door: RecordingDoor) -> None:
        self.discord, self.door = discord, door

    async def back(self, *known: Seen, since: datetime | None = None, **changes: object) -> list[IncomingMessage]:
        async with started(self.discord, self.door, **changes) as platform:
            return [message async for message in platform.catch_up(known, since or datetime.now(UTC))]
