"""Who and where: users, guilds with their roles and members, channels, threads, direct channels."""

from typing import Literal

from msgspec import Struct, field

ChannelKind = Literal["text", "dm", "voice", "announcement", "stage", "forum", "media"]
KINDS: dict[ChannelKind, int] = {
    "text": 0,
    "dm": 1,
    "voice": 2,
    "announcement": 5,
    "stage": 13,
    "forum": 15,
    "media": 16,
}
DIRECT, ANNOUNCEMENT = 1, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = frozenset({ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD})
WITH_THREADS = frozenset({0, ANNOUNCEMENT})
WITH_POSTS = frozenset({15, 16})


class User(Struct, kw_only=True, eq=False):
    id: str
    name: str
    is_bot: bool = False
    takes_messages: bool = True

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def display_name(self) -> str:
        return self.name.replace("-", " ").replace("_", " ").title()


class Role(Struct, kw_only=True, eq=False):
    id: str
    name: str
    permissions: int
    bot: str | None = None  # whose own role this is

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


class Overwrite(Struct, kw_only=True, eq=False):
    is_member: bool
    allow: int = 0
    deny: int = 0


class Member(Struct, kw_only=True, eq=False):
    user: User
    roles: set[str] = field(default_factory=set)
    nick: str | None = None


class Guild(Struct, kw_only=True, eq=False):
    id: str
    name: str
    owner: str
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    available: bool = True

    def role_of(self, bot: str) -> Role:
        """The role that came with a bot, which people mention as they mention the bot."""
        return next(role for role in self.roles.values() if role.bot == bot)


class Channel(Struct, kw_only=True, eq=False):
    id: str
    type: int
    name: str
    guild: str | None = None
    parent: str | None = None
    owner: str = ""
    members: set[str] = field(default_factory=set)  # of a thread, or the two of a direct channel
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    deleted: bool = False

    @property
    def is_direct(self) -> bool:
        return self.type == DIRECT

    @property
    def is_thread(self) -> bool:
        return self.type in THREADS

    @property
    def is_private_thread(self) -> bool:
        return self.type == PRIVATE_THREAD

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def peer_of(self, user: str) -> str:
        """The other one in a direct channel."""
        return next(iter(self.members - {user}), user)

    def overwrite(self, who: str, *, is_member: bool) -> Overwrite:
        return self.overwrites.setdefault(who, Overwrite(is_member=is_member))
