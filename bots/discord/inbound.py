"""Discord's messages as messages to Mallard. Pure: what was heard either is one, or is None."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from bots.discord import places, wording
from bots.discord.settings import Identity
from runtime.records import Attachment, ConversationRef, IncomingMessage

_SPOKEN = frozenset({0, 19})  # Discord's numbers for a plain message and for a reply


class Kind(StrEnum):
    """What a place on Discord is to us. `ELSEWHERE` is where nobody can talk to us: group DMs, forums themselves."""

    CHANNEL = "channel"
    THREAD = "thread"
    PRIVATE_THREAD = "private thread"
    VOICE = "voice"
    DIRECT = "direct"
    ELSEWHERE = "elsewhere"


class Location(Struct, frozen=True, kw_only=True):
    """Where a message stands. `guild` is None in direct messages; `parent` is the channel of a thread."""

    kind: Kind
    channel: int
    guild: int | None = None
    parent: int | None = None

    @property
    def is_thread(self) -> bool:
        return self.kind in (Kind.THREAD, Kind.PRIVATE_THREAD)

    def conversation(self, message: int | None = None) -> ConversationRef:
        """The conversation that a message belongs to: in a channel the thread that this message opens, or will."""
        match self.kind:
            case Kind.CHANNEL:
                return places.conversation(guild=self.guild, channel=self.channel, thread=message)
            case Kind.THREAD if self.parent is not None:
                return places.conversation(guild=self.guild, channel=self.parent, thread=self.channel)
            case _:  # a private thread has readers of its own, so it is a channel of its own
                return places.conversation(guild=self.guild, channel=self.channel)


class Heard(Struct, frozen=True, kw_only=True):
    """A message as Discord tells of it. `names_us` is a mention of us or of our role; `kind` is Discord's number.

    `names` are those of everybody and everything that the text mentions, by id; "" for our own role.
    """

    id: int
    kind: int
    author: int
    author_name: str = ""
    by_machine: bool = False
    text: str = ""
    names_us: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


def is_noise(heard: Heard, me: Identity) -> bool:
    """What is for nobody to answer, wherever it stands."""
    return heard.kind not in _SPOKEN or heard.by_machine or heard.author == me.user


def find_message(heard: Heard, place: Location, me: Identity) -> IncomingMessage | None:
    """What a person said to Mallard, or may have; None for everything else.

    Not for it are its own words, other bots', webhooks', pins, joins and the like, and what is said in a channel
    without naming it. What names nobody in a thread comes out with `addressed=False`, and only where it can be read.
    """
    if is_noise(heard, me) or place.kind is Kind.ELSEWHERE:
        return None
    direct = place.kind is Kind.DIRECT
    addressed = direct or heard.names_us
    if not addressed and not place.is_thread:
        return None
    words = wording.plain(heard.text, me, heard.names)
    if not words and not heard.attachments and not addressed:
        return None  # without the message-content intent, all that names nobody is empty
    return IncomingMessage(
        id=str(heard.id),
        where=place.conversation(heard.id),
        author=places.user(heard.author),
        author_name=heard.author_name,
        text=words if words or heard.attachments else "help",
        sent_at=places.sent_at(heard.id),
        direct=direct,
        addressed=addressed,
        attachments=heard.attachments,
    )
