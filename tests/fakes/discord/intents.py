"""Which events a session hears of, by the intents it asked for."""

from tests.fakes.discord.places import Channel

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15
GUILD_TYPING, DIRECT_TYPING = 1 << 11, 1 << 14
KNOWN = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")


def needed(event: str, channel: Channel | None = None) -> int:
    """The intent without which the event is not sent; 0 when it always is."""
    if event in _MESSAGES:
        return DIRECT_MESSAGES if channel is not None and channel.is_direct else GUILD_MESSAGES
    if event == "TYPING_START":
        return DIRECT_TYPING if channel is not None and channel.is_direct else GUILD_TYPING
    if event in ("GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "GUILD_MEMBER_UPDATE", "THREAD_MEMBERS_UPDATE"):
        return MEMBERS
    if event.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
        return GUILDS
    return 0
