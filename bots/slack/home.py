"""The home tab: what waits for a decision, and what was done lately, for the person who looks."""

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict
from weakref import WeakValueDictionary

from bots.slack import pages
from bots.slack.clients import Clients
from bots.slack.failures import repeatable
from bots.slack.inbound import PLATFORM
from bots.slack.manifest import PROMPTS
from bots.slack.names import Names
from bots.slack.settings import Identity
from runtime.door import Door
from runtime.errors import PlatformError
from runtime.records import ConversationRef, UserRef

log = logging.getLogger(__name__)

_REMEMBERED = 2_000


class HomeTab:
    def __init__(self, door: Door, clients: Clients, me: Identity, names: Names) -> None:
        self._door = door
        self._clients = clients
        self._me = me
        self._names = names
        self._published: OrderedDict[str, str] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def publish(self, user: UserRef, *, note: str = "") -> None:
        """Show the tab as it should be now. A view that stands there already is not sent again, and an older one never
        after a newer."""
        async with self._turns.setdefault(user.id, asyncio.Lock()):
            await self._publish(user, note)

    async def _publish(self, user: UserRef, note: str) -> None:
        where = ConversationRef(platform=PLATFORM, space=self._me.team, channel="")
        pending = await self._door.read_page("pending", by=user, where=where, direct=True)
        history = await self._door.read_page("history", by=user, where=where, direct=True)
        view = pages.home_view(await self._names.named(pending), await self._names.named(history), note=note)
        print_ = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
        if self._published.get(user.id) == print_:
            return
        self._published.pop(user.id, None)
        try:
            with repeatable():
                await self._clients.writes.views_publish(user_id=user.id, view=view)
        except PlatformError as error:
            log.info("the home tab of %s could not be shown: %s", user, error)
            return
        self._published[user.id] = print_
        while len(self._published) > _REMEMBERED:
            self._published.popitem(last=False)

    async def suggest(self, channel: str) -> None:
        """Suggested prompts for the messages tab. No `thread_ts`: agents' conversations ignore such calls silently."""
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        try:
            with repeatable():
                await self._clients.writes.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
        except PlatformError as error:
            log.info("no suggested prompts: %s", error)
