"""What a terminal takes of what is owed: nothing that it would not show, and nothing that another window waits for."""

import re
from collections.abc import Callable
from datetime import datetime

from bots.terminal.watch import Owed, Watch
from runtime.contents import Card, Content
from runtime.records import ConversationRef, RunId

USUAL = "local"
_PASSING = re.compile(rf"{USUAL}-\d+")

IsFree = Callable[[str], bool]


def passing_name(process: int) -> str:
    """The conversation of a script that finds the usual one open elsewhere: nobody comes back to it."""
    return f"{USUAL}-{process}"


class Reception:
    """Asked about each message before it is printed. `is_free` says of a conversation's name that no process has it open.

    Beside its own conversation a terminal takes what is said of the runs in `followed` (it was decided here, and where it was
    asked nobody looks), and in the usual conversation what passing ones have left.
    """

    def __init__(self, where: ConversationRef, watch: Watch, is_free: IsFree) -> None:
        self._where, self._watch, self._is_free = where, watch, is_free
        self.followed: set[RunId] = set()

    def takes(self, where: ConversationRef, key: str, content: Content) -> bool:
        if where.channel == self._where.channel:
            return True
        if self._where.channel == USUAL and _PASSING.fullmatch(where.channel):
            return self._is_free(where.channel)
        return self._run_of(key, content) in self.followed and self._is_free(where.channel)

    def _run_of(self, key: str, content: Content) -> RunId | None:
        if isinstance(content, Card):
            return content.run_id
        owed = self._watch.find_owed(key)
        return owed.run_id if owed else None


class ScriptReception:
    """The same for a script, which prints one thing: what is of no run and came `since` it spoke, and what is said of the
    run that it asked for (`own`) or decided on (`decided`). All else stays owed to whoever opens the conversation."""

    def __init__(self, where: ConversationRef, watch: Watch, is_free: IsFree, since: datetime) -> None:
        self._where, self._watch, self._is_free, self._since = where, watch, is_free, since
        self.own: Callable[[], RunId | None] = lambda: None
        self.decided: Callable[[], RunId | None] = lambda: None

    def takes(self, where: ConversationRef, key: str, content: Content) -> bool:
        if where.channel != self._where.channel and not self._is_free(where.channel):
            return False
        if isinstance(content, Card):
            return content.run_id in (self.own(), self.decided())
        owed = self._watch.find_owed(key)
        return owed is not None and self.awaits(where, owed)

    def awaits(self, where: ConversationRef, owed: Owed) -> bool:
        """Whether a delivery to that conversation is to be printed here, or was meant to be seen by whom it is for."""
        if owed.run_id is None:
            return where.channel == self._where.channel and owed.since >= self._since
        return owed.run_id in (self.own(), self.decided())
