"""Who may see a run: whoever asked, administrators, and who can read its conversation on its platform right now."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from runtime.errors import PlatformError
from runtime.policy import Roles
from runtime.ports import Clock, Platform
from runtime.records import ConversationRef, UserRef

REMEMBER = timedelta(minutes=5)
LOOK_AGAIN = timedelta(seconds=10)  # a platform that does not answer is not asked for each line of a history


class Visibility:
    """Asks platforms about membership, remembers the answer for five minutes, and is closed where they do not answer.

    A platform is asked about the accounts that the person has there, whichever account looks.
    """

    def __init__(self, roles: Roles, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._roles = roles
        self._platforms = platforms
        self._clock = clock
        self._known: dict[tuple[UserRef, ConversationRef], tuple[datetime, bool]] = {}  # until when, and what

    async def may_see(self, person: UserRef, *, asked_by: UserRef, where: ConversationRef, direct: bool) -> bool:
        if self._roles.are_same(person, asked_by) or self._roles.is_admin(person):
            return True
        if direct:
            return False
        there = [one for one in self._roles.persons.accounts_of(person) if one.platform == where.platform]
        for account in there:
            if self._roles.may_talk(account, where) and await self._is_member(account, where):
                return True
        return False

    async def _is_member(self, person: UserRef, where: ConversationRef) -> bool:
        channel = ConversationRef(platform=where.platform, space=where.space, channel=where.channel)
        now = self._clock.now()
        known = self._known.get((person, channel))
        if known is not None and now < known[0] <= now + REMEMBER:
            return known[1]
        platform = self._platforms.get(where.platform)
        if platform is None:
            return False
        try:
            member, until = await platform.is_member(person, where), now + REMEMBER
        except PlatformError:
            member, until = False, now + LOOK_AGAIN
        self._known = {key: value for key, value in self._known.items() if now < value[0]}
        self._known[person, channel] = (until, member)
        return member
