"""What the Discord adapter needs to be told, and who the token makes us."""

import re
from dataclasses import dataclass, field

from msgspec import Struct

from runtime.errors import SettingsError

API = "https://discord.com/api/v10"

PREFIX = "mallard:"
"""How every custom id of ours begins. What follows is a card's token, or `page:…`, or `form:…`."""

LONGEST_TEXT = 3_900
"""Characters of an answer: what closes a torn code block still fits into the 4,000 that a message holds."""

_TOKEN = re.compile(r"[\w-]{4,}\.[\w-]+\.[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscordSettings:
    """A token is enough; everything below `commands` is there for tests and odd networks. Times are seconds.

    `guilds` are the only servers that are served, all of them where it is empty. `known_people` may write a first
    direct message while Mallard is away: a bot cannot list its direct messages. `message_content` says whether to ask
    for the privileged intent; without it, replies in threads need a mention. `commands` is `global` or the id of the
    one server where commands are registered.

    `edits` are how many changes of messages the streaming of answers may make in a channel within `edit_window`:
    Discord allows five, and cards need one. `typing_renewal` must stay below the ten seconds after which Discord
    takes the sign away, `modal_patience` below the three in which a click has to be answered, and `request_timeout`
    well above the thirty after which the library opens a limit whose end it has lost: nobody else does.
    """

    token: str = field(repr=False)
    guilds: frozenset[str] = frozenset()
    known_people: tuple[str, ...] = ()
    message_content: bool = True
    commands: str = "global"
    api_url: str = API
    request_timeout: float = 35.0
    connect_patience: float = 5.0
    stop_patience: float = 5.0
    ready_timeout: float = 2.0
    heartbeat_timeout: float = 60.0
    flush_interval: float = 1.2
    edits: int = 4
    edit_window: float = 5.0
    typing_renewal: float = 8.0
    modal_patience: float = 1.5
    download_cap: int = 1_000_000
    text_cap: int = 100_000
    catch_up_days: float = 7.0

    def check(self) -> None:
        """Raise SettingsError for what cannot work, before anything is sent."""
        if not _TOKEN.fullmatch(self.token):
            raise SettingsError(
                "MALLARD_DISCORD_TOKEN is not a bot token, which has three parts with dots between them: "
                "copy it from Bot → Reset Token (`mallard discord invite` explains how to get one)"
            )
        if odd := [guild for guild in sorted(self.guilds) if not guild.isdecimal()]:
            raise SettingsError(f"MALLARD_DISCORD_GUILDS takes the ids of servers, which are numbers, not {odd[0]!r}")
        if self.commands != "global" and not self.commands.isdecimal():
            raise SettingsError(
                f"MALLARD_DISCORD_COMMANDS is `global` or the id of a server, which is a number, not {self.commands!r}"
            )
        if not self.api_url.startswith(("https://", "http://")) or self.api_url.endswith("/"):
            raise SettingsError(f"Discord's API address must look like {API}, without a slash at its end")


class Identity(Struct, frozen=True, kw_only=True):
    """Who we are on Discord, as it said at start. `may_read` is whether it lets us ask for what messages say."""

    app: int
    user: int
    name: str = "mallard"
    may_read: bool = True
