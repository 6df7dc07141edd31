"""Who can read what, and where a person is reached alone."""

from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, repeatable
from bots.slack.inbound import PLATFORM, is_direct
from bots.slack.settings import Identity
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef, UserRef

_GONE = frozenset({"channel_not_found", "user_not_found", "not_in_channel", "users_not_found"})


class Membership:
    def __init__(self, clients: Clients, me: Identity) -> None:
        self._clients = clients
        self._me = me
        self._direct: dict[str, str] = {}

    async def direct_message(self, user: UserRef) -> ConversationRef:
        """Opened once per person and process. Raises PlatformError."""
        if user.platform != PLATFORM:
            raise PlatformRefused(f"{user} is not on Slack")
        channel = self._direct.get(user.id)
        if channel is None:
            with repeatable():
                answer = await self._clients.reads.conversations_open(users=user.id)
            channel = self._direct[user.id] = str(answer["channel"]["id"])
        return ConversationRef(platform=PLATFORM, space=self._me.team, channel=channel)

    async def is_member(self, user: UserRef, where: ConversationRef) -> bool:
        """Whoever is in the conversation can read it. A public channel can also be read by every full member of the
        workspace, so they count as well: guests, bots and people of connected workspaces do not."""
        if where.platform != PLATFORM or where.space != self._me.team:
            return False
        try:
            if await self._is_inside(user, where.channel):
                return True
            return not is_direct(where.channel) and await self._may_walk_in(user, where.channel)
        except SlackRefused as refusal:
            if refusal.code in _GONE:
                return False
            raise

    async def _is_inside(self, user: UserRef, channel: str) -> bool:
        cursor = ""
        while True:
            with repeatable():
                answer = await self._clients.reads.conversations_members(
                    channel=channel, limit=1000, **({"cursor": cursor} if cursor else {})
                )
            if user.id in answer["members"]:
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return False

    async def _may_walk_in(self, user: UserRef, channel: str) -> bool:
        if user.space != self._me.team:
            return False
        with repeatable():
            place = (await self._clients.reads.conversations_info(channel=channel))["channel"]
        if place.get("is_private") or place.get("is_mpim") or place.get("is_im"):
            return False
        with repeatable():
            person = (await self._clients.reads.users_info(user=user.id))["user"]
        limited = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        return person.get("team_id") == self._me.team and not any(person.get(name) for name in limited)
