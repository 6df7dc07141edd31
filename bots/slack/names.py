"""What people are called. Names are for cards, lists and logs; nobody is recognised by one."""

import asyncio
import re
from collections import OrderedDict
from typing import TypeVar

from msgspec.structs import replace

from bots.slack.clients import Clients
from bots.slack.failures import repeatable
from bots.slack.inbound import PLATFORM
from runtime.chores import Chores
from runtime.contents import Card, Entry, Page
from runtime.errors import PlatformError

_MOST = 5_000
_AT_A_TIME = 20  # people on one page; the others stay ids
_ID = re.compile(rf"(?<![\w`/]){PLATFORM}:[TE]\w+/([UW]\w+)(?![\w`])")  # in backticks it is meant as an id

Shown = TypeVar("Shown")


class Names:
    """Names that were seen, and a question to Slack for each that was not."""

    def __init__(self, clients: Clients, chores: Chores, *, patience: float) -> None:
        self._clients = clients
        self._patience = patience
        self._chores = chores
        self._known: OrderedDict[str, str] = OrderedDict()

    def find(self, user: str) -> str:
        """The name, or "" for now."""
        return self._known.get(user, "")

    def learn(self, user: str, name: str) -> None:
        if name:
            self._known[user] = name
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def look_up(self, user: str) -> None:
        """Ask in the background: the answer serves the next time."""
        if user not in self._known:
            self._known[user] = ""
            self._chores.spawn(self._ask(user), "look up a name")

    async def named(self, shown: Shown) -> Shown:
        """The same card or page with names for ids, as far as Slack says them soon enough; anything else as it is.

        In the lines of a page, which tell who did what, the id stays beside the name: two people can bear one name.
        """
        match shown:
            case Card():
                await self._meet(shown.requested_by, shown.closing)
                return replace(shown, requested_by=self._bare(shown.requested_by), closing=self._bare(shown.closing))
            case Page():
                entries = shown.entries
                await self._meet(shown.note, *(each for entry in entries for each in (entry.text, entry.detail)))
                return replace(shown, note=self._bare(shown.note), entries=tuple(map(self._entry, entries)))
            case _:
                return shown

    async def _meet(self, *texts: str) -> None:
        unknown = dict.fromkeys(user for text in texts for user in _ID.findall(text) if not self.find(user))
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.gather(*map(self._ask, list(unknown)[:_AT_A_TIME]))
        except TimeoutError:
            return

    def _entry(self, entry: Entry) -> Entry:
        return replace(entry, text=self._full(entry.text), detail=self._bare(entry.detail))

    def _bare(self, text: str) -> str:
        return _ID.sub(lambda found: self.find(found[1]) or found[0], text)

    def _full(self, text: str) -> str:
        return _ID.sub(lambda found: f"{name} ({found[1]})" if (name := self.find(found[1])) else found[0], text)

    async def _ask(self, user: str) -> None:
        try:
            with repeatable():
                answer = await self._clients.reads.users_info(user=user)
        except PlatformError:
            self._known.pop(user, None)
            return
        person = answer["user"]
        profile = person.get("profile") or {}
        self.learn(user, profile.get("display_name") or person.get("real_name") or person.get("name") or "")
