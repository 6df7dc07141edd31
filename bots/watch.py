"""What the terminal asks of the record, answered from storage."""

import sqlite3

from runtime.records import ApprovalId, ConversationRef, Run
from runtime.signals import Signal, Signals
from runtime.states import ApprovalStatus
from runtime.tokens import Token
from storage.store import Store
from storage.watching import find_run_of_message, is_quiet

_LOOK_AGAIN = 0.2  # seconds: not everything that makes a conversation quiet is signalled


class StoreWatch:
    """Implements `bots.terminal.watch.Watch`."""

    def __init__(self, store: Store, signals: Signals) -> None:
        self._store, self._signals = store, signals

    async def list_pending(self) -> tuple[str, ...]:
        pending, installation = await self._store.scan_pending(), self._store.installation
        # Not `show`: whoever comes in asked for nothing yet, and least of all for what is masked.
        return tuple(str(Token(installation=installation, approval_id=line.id, verb="approve")) for line in pending)

    def find_run(self, where: ConversationRef, message_id: str) -> Run | None:
        run_id = find_run_of_message(self._store.database.reader, where, message_id)
        return None if run_id is None else self._store.find_run(run_id)

    def find_asking(self, number: int) -> Run | None:
        approval = self._store.find_approval(ApprovalId(number))
        return None if approval is None else self._store.find_run(approval.run_id)

    def find_status(self, number: int) -> ApprovalStatus | None:
        try:
            approval = self._store.find_approval(ApprovalId(number))
        except sqlite3.Error:
            return None
        return None if approval is None else approval.status

    async def wait_until_quiet(self, where: ConversationRef) -> None:
        wake = self._signals.subscribe(Signal.RUNS, Signal.OWED)
        try:
            while not is_quiet(self._store.database.reader, where):
                await wake.wait(timeout=_LOOK_AGAIN)
        finally:
            self._signals.unsubscribe(wake)
