"""What was said to Mallard while nobody listened: read from Discord's history, in order, each message once.

What was clicked or commanded meanwhile is gone: nothing brings it back.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime, timedelta

import discord

from bots.discord.failures import DiscordRefused, repeatable
from bots.discord.hearing import heard_in
from bots.discord.inbound import Kind, Location, find_message
from bots.discord.locations import Locations, location_of
from bots.discord.membership import Membership
from bots.discord.places import PLATFORM, snowflake_at, target_of, user
from bots.discord.servers import all_told
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.threads import Threads
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.ports import Clock, Seen
from runtime.records import IncomingMessage

log = logging.getLogger(__name__)

_PAGE = 100
_MARGIN = timedelta(minutes=15)
"""How long before what is newest on record something may have been said elsewhere that nobody heard: a connection that is
lost looks whole for a while."""
_SPOKEN_IN = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)


class CatchUp:
    """Reads wait as long as Discord's rate limits say: nobody is kept waiting by a slow catch-up but the late ones.

    `client` gives the library's client of now, or raises PlatformUnavailable.
    """

    def __init__(
        self,
        client: Callable[[], discord.Client],
        me: Identity,
        settings: DiscordSettings,
        clock: Clock,
        membership: Membership,
        locations: Locations,
        threads: Threads,
    ) -> None:
        self._client = client
        self._me = me
        self._settings = settings
        self._clock = clock
        self._membership = membership
        self._locations = locations
        self._threads = threads
        self._direct: set[int] = set()

    def remember_direct(self, channel: int) -> None:
        """A direct message came through this channel: a bot cannot list those that it has."""
        self._direct.add(channel)

    async def messages(self, seen: Sequence[Seen], here_since: datetime) -> AsyncIterator[IncomingMessage]:
        """Channel by channel, oldest first. Where nothing was ever seen, from somewhat before all that was, and nothing
        from before Mallard came. A channel that may not be read is logged and left out. Raises PlatformUnavailable."""
        ours = [one for one in seen if one.where.platform == PLATFORM]
        self._direct.update(target_of(one.where) for one in ours if one.direct)
        bounds: dict[int, int] = {}
        for one in ours:
            for channel in {int(one.where.channel), target_of(one.where)}:
                bounds[channel] = max(bounds.get(channel, 0), _last(one))
        newest = max((discord.utils.snowflake_time(_last(one)) for one in ours), default=here_since)
        asked = [target_of(one.where) for one in ours if not one.direct and not self._is_old(_last(one))]
        elsewhere = snowflake_at(max(newest - _MARGIN, min(newest, here_since)))
        async for message in self._since(elsewhere, bounds, asked, heard_last=snowflake_at(newest)):
            yield message

    async def since(self, floor: int) -> AsyncIterator[IncomingMessage]:
        """What was said after this id, wherever it is read. Raises PlatformUnavailable."""
        async for message in self._since(floor, {}, ()):
            yield message

    async def _since(
        self, elsewhere: int, bounds: dict[int, int], asked: Iterable[int], *, heard_last: int = 0
    ) -> AsyncIterator[IncomingMessage]:
        """`elsewhere` is where to begin in a channel that has no bound; `asked` are threads to read though they may be
        archived. A channel comes together with its threads, so that its bound never runs ahead of one of them."""
        client = self._client()
        await all_told(client, self._settings.request_timeout)
        known = {place.channel: place async for place in self._spoken_in(client, elsewhere, bounds)}
        for channel in asked:
            if client.get_channel(channel) is None and (place := await self._thread(channel)) is not None:
                known.setdefault(channel, place)
        for channel in await self._direct_channels():
            known[channel] = Location(kind=Kind.DIRECT, channel=channel)
        together: dict[int, list[Location]] = {}
        for place in known.values():
            together.setdefault(place.parent or place.channel, []).append(place)
        for places in together.values():
            found: list[IncomingMessage] = []
            for place in places:
                try:
                    bound = _bound(place, bounds, elsewhere)
                    unedited = heard_last if bound == elsewhere else 0
                    found += [message async for message in self._read(client, place, bound, unedited=unedited)]
                except DiscordRefused as refusal:
                    log.warning("what was missed in channel %d cannot be read: %s", place.channel, refusal)
            for message in sorted(found, key=lambda message: int(message.id)):
                yield message
        if away := [guild for guild in client.guilds if self._serves(guild) and guild.unavailable]:
            raise PlatformUnavailable(f"Discord itself cannot reach {len(away)} of our servers now")

    async def _spoken_in(
        self, client: discord.Client, elsewhere: int, bounds: dict[int, int]
    ) -> AsyncIterator[Location]:
        """Where something was said that may be news, as far as Discord says so without being asked for it."""
        for guild in client.guilds:
            if not self._serves(guild) or guild.unavailable:
                continue
            threads = {thread.id: thread for thread in guild.threads}
            async with repeatable(self._settings.request_timeout):
                threads |= {thread.id: thread for thread in await guild.active_threads()}
            for channel in (*guild.channels, *threads.values()):
                if not isinstance(channel, _SPOKEN_IN) or not _may_read(channel):
                    continue
                place = location_of(channel)
                if place is not None and (channel.last_message_id or 0) > _bound(place, bounds, elsewhere):
                    yield place

    def _serves(self, guild: discord.Guild) -> bool:
        return not self._settings.guilds or str(guild.id) in self._settings.guilds

    async def _thread(self, channel: int) -> Location | None:
        """A thread that the record knows and Discord calls archived, or that was never opened."""
        try:
            return await self._locations.look_up(channel)
        except PlatformRefused as refusal:
            log.debug("thread %d is not there, or not for us: %s", channel, refusal)
            return None

    async def _direct_channels(self) -> list[int]:
        for person in self._settings.known_people:
            try:
                self._direct.add(int((await self._membership.direct_message(user(int(person)))).channel))
            except (PlatformRefused, ValueError) as refusal:
                log.info("%s cannot have written to me directly: %s", person, refusal)
        return sorted(self._direct)

    async def _read(
        self, client: discord.Client, place: Location, after: int, *, unedited: int
    ) -> AsyncIterator[IncomingMessage]:
        """Up to `unedited`, what was edited is left out: likelier than lost, it was heard, and said to nobody here."""
        after = max(after, snowflake_at(self._clock.now() - timedelta(days=self._settings.catch_up_days)))
        channel = client.get_partial_messageable(place.channel, guild_id=place.guild)
        while True:
            async with repeatable(self._settings.request_timeout):
                page = channel.history(limit=_PAGE, after=discord.Object(after), oldest_first=True)
                found = [message async for message in page]
            for message in found:
                after = message.id
                if message.edited_at is not None and message.id <= unedited:
                    continue
                if heard := find_message(heard_in(message, self._me), place, self._me):
                    if place.kind is Kind.CHANNEL and not message.flags.has_thread:
                        self._threads.note(message.id, heard.text)
                    yield heard
            if len(found) < _PAGE:
                return

    def _is_old(self, message: int) -> bool:
        return message < snowflake_at(self._clock.now() - timedelta(days=self._settings.catch_up_days))


def _last(seen: Seen) -> int:
    """An id that is no number belongs to what was handed over by other ways than a message."""
    return int(seen.last_id) if seen.last_id.isdecimal() else snowflake_at(seen.last_at)


def _bound(place: Location, bounds: dict[int, int], elsewhere: int) -> int:
    """Up to where all is known: a thread that nobody knows is as new as what came after its channel's last."""
    return bounds.get(place.channel) or bounds.get(place.parent or 0) or elsewhere


def _may_read(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.read_message_history
