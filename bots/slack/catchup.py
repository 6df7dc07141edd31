"""What was said to Mallard while nobody listened: read from Slack's history, in order, each message once."""

import logging
import math
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from bots.slack import inbound
from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, repeatable
from bots.slack.settings import Identity, SlackSettings
from runtime.ports import Clock, Seen
from runtime.records import IncomingMessage

log = logging.getLogger(__name__)

MARGIN = 15 * 60.0
"""Seconds that lie between a message and the last time that Slack tries to tell of it, with room: what is on record says
nothing of those before it that Slack was still trying to tell."""
_TYPES = "public_channel,private_channel,mpim,im"
_PAGES_BEFORE = 5  # of 200 messages of a channel each: how far before the gap old threads are looked for


class CatchUp:
    """Reads wait as long as Slack's rate limits say: nobody is kept waiting by a slow catch-up but the late ones."""

    def __init__(self, clients: Clients, me: Identity, settings: SlackSettings, clock: Clock) -> None:
        self._clients = clients
        self._me = me
        self._clock = clock
        self._oldest = timedelta(days=settings.catch_up_days)

    async def messages(
        self, seen: Sequence[Seen], here_since: datetime, *, heard_until: float = 0.0
    ) -> AsyncIterator[IncomingMessage]:
        """Channel by channel, oldest first, from somewhat before what was seen last, so that some of it comes again.
        Where nothing was ever seen, as if what is newest of all had been, and nothing from before Mallard came. With
        `heard_until`, all places as if that had been seen last, and of the threads only those with news. A channel that
        may not be read is logged and left out. Raises PlatformUnavailable."""
        ours = [one for one in seen if one.where.platform == inbound.PLATFORM and one.where.space == self._me.team]
        first = float(inbound.ts_of(here_since))
        newest = max(map(_ts, ours), default=first)
        floor = float(inbound.ts_of(self._clock.now() - self._oldest))

        def back(bound: float) -> float:
            """Somewhat before it, but not before our time, and not for ever."""
            return max(bound - MARGIN, min(bound, first, newest), floor)

        for place in await self._channels():
            channel, is_shared = str(place["id"]), bool(place.get("is_ext_shared"))
            here = [one for one in ours if one.where.channel == channel]
            bound = heard_until or max(map(_ts, here), default=newest)
            threads = {
                one.where.thread: heard_until or _ts(one) for one in here if one.where.thread and _ts(one) >= floor
            }
            try:
                found = await self._in_channel(
                    channel, threads, bound, floor, back=back, only_news=bool(heard_until), is_shared=is_shared
                )
            except SlackRefused as error:
                log.warning("what was missed in %s cannot be read: %s", channel, error)
                continue
            for ts in sorted(found, key=float):
                yield found[ts]

    async def _in_channel(
        self,
        channel: str,
        threads: dict[str, float],
        bound: float,
        floor: float,
        *,
        back: Callable[[float], float],
        only_news: bool,
        is_shared: bool,
    ) -> dict[str, IncomingMessage]:
        """`threads` are those that the record knows, each with its bound; with `only_news`, those alone of them that Slack
        says were continued. Reading begins where `back` says."""
        found: dict[str, IncomingMessage] = {}
        since = back(bound)
        async for message in self._read("conversations.history", {"channel": channel, "oldest": f"{since:.6f}"}):
            if _was_continued(message, since):
                threads.setdefault(message["ts"], bound)
            self._keep(found, channel, message, bound, is_shared=is_shared)
        async for message in self._before(channel, since, floor, knows_all=not (only_news and threads)):
            if _was_continued(message, since):
                threads.setdefault(message["ts"], bound)
            elif only_news:
                threads.pop(message["ts"], None)
        for thread, last in threads.items():
            after = back(last)
            window = {"channel": channel, "ts": thread, "oldest": f"{after:.6f}"}
            try:
                async for message in self._read("conversations.replies", window):
                    if float(message["ts"]) > after:
                        self._keep(found, channel, message, last, is_shared=is_shared)
            except SlackRefused as refusal:
                if refusal.code != "thread_not_found":
                    raise
        return found

    async def _before(
        self, channel: str, since: float, floor: float, *, knows_all: bool
    ) -> AsyncIterator[dict[str, Any]]:
        """What stood in a channel when the gap began. A thread of others may have named Mallard since, and Slack tells
        of replies nowhere but at the message that they answer. In private no thread is unknown, but one page says which
        of them have news."""
        if (inbound.is_direct(channel) and knows_all) or since <= floor:
            return
        window = {"channel": channel, "oldest": f"{floor:.6f}", "latest": f"{since:.6f}", "inclusive": "true"}
        async for message in self._read("conversations.history", window, pages=_PAGES_BEFORE):
            yield message

    def _keep(
        self, found: dict[str, IncomingMessage], channel: str, message: dict[str, Any], bound: float, *, is_shared: bool
    ) -> None:
        """What was lost, and edited before it was found, is heard as it stands now. What was edited after it was heard is
        not heard again, and that is the likelier one of what lies before the bound."""
        if "edited" in message and float(message["ts"]) <= bound:
            return
        event = {name: value for name, value in message.items() if name != "edited"}
        event |= {"channel": channel, "type": "message"}
        if heard := inbound.find_message(event, self._me, is_shared=is_shared):
            found[heard.id] = heard

    async def _channels(self) -> list[dict[str, Any]]:
        window = {"types": _TYPES, "exclude_archived": "true"}
        return [channel async for channel in self._read("users.conversations", window, holds="channels")]

    async def _read(
        self, method: str, window: dict[str, Any], *, holds: str = "messages", pages: float = math.inf
    ) -> AsyncIterator[dict[str, Any]]:
        cursor, read = "", 0
        while read < pages:
            more = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            with repeatable():
                answer = await self._clients.reads.api_call(method, http_verb="GET", params={**window, **more})
            for item in answer.get(holds) or ():
                yield item
            read += 1
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _was_continued(message: dict[str, Any], since: float) -> bool:
    """Whether somebody answered a message in its thread since then."""
    return bool(message.get("reply_count")) and float(message.get("latest_reply") or 0) > since


def _ts(seen: Seen) -> float:
    """An id that is no `ts` belongs to what was handed over by other ways than a message."""
    try:
        return float(seen.last_id)
    except ValueError:
        return seen.last_at.timestamp()
