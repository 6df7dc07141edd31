"""Where catching up starts, place by place: written down once all that was said before is."""

import logging
from collections import defaultdict

from runtime.arrivals import Arrivals
from runtime.errors import StorageError
from runtime.ports import Seen
from runtime.record_ports import Record
from runtime.records import ConversationRef, IncomingMessage

log = logging.getLogger(__name__)


class Bounds:
    """What was recorded while somebody caught up, and has to move the bound yet.

    It does not while it comes in: who catches up reads place by place, and a crash leaves places that nobody has read.
    """

    def __init__(self, record: Record, arrivals: Arrivals) -> None:
        self._record = record
        self._arrivals = arrivals
        self._newest: defaultdict[str, dict[ConversationRef, Seen]] = defaultdict(dict)

    def leave(self, message: IncomingMessage) -> None:
        """It is recorded, and did not move its bound."""
        platform, where = message.where.platform, message.where
        known = self._newest[platform].get(where)
        if self._arrivals.are_behind(platform) and (known is None or message.sent_at > known.last_at):
            newest = Seen(where=where, direct=message.direct, last_id=message.id, last_at=message.sent_at)
            self._newest[platform][where] = newest

    async def move(self, platform: str) -> None:
        """Once nobody catches up, and nothing is on its way. Where the database fails, the next message does it."""
        newest = self._newest[platform]
        if not newest or not self._arrivals.are_all_in(platform):
            return
        moved = dict(newest)
        try:
            await self._record.move_bounds(tuple(moved.values()))
        except StorageError as error:
            log.warning("%s: what is recorded already would be caught up with again: %s", platform, error)
            return
        for where, each in moved.items():
            if newest.get(where) is each:
                del newest[where]
