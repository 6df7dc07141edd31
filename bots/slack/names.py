"""What people are called. Names are for cards and logs; nobody is recognised by one."""

from collections import OrderedDict

from bots.slack.chores import Chores
from bots.slack.clients import Clients
from bots.slack.failures import repeatable
from runtime.errors import PlatformError

_MOST = 5_000


class Names:
    """Names that were seen, and a question to Slack for each that was not: the answer serves the next time."""

    def __init__(self, clients: Clients, chores: Chores) -> None:
        self._clients = clients
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
        if user not in self._known:
            self._known[user] = ""
            self._chores.spawn(self._ask(user), "look up a name")

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
