"""What the terminal asks of the record, answered from storage."""

from collections.abc import Callable
from datetime import datetime

from bots.terminal.watch import Away, Owed
from runtime.errors import StorageError
from runtime.records import ApprovalId, ConversationRef, Run, RunId
from runtime.signals import Signal, Signals
from runtime.states import ApprovalStatus
from runtime.tokens import Token
from storage.store import Store
from storage.watching import find_owed, find_run_of_message, is_quiet, is_worked, list_away, list_owed

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

    def find_decided(self, number: int, since: datetime) -> Run | None:
        approval = self._store.find_approval(ApprovalId(number))
        if approval is None:
            return None
        newest = self._store.find_approval_of(approval.call_id) or approval
        is_new = newest.id != approval.id and newest.requested_at >= since  # it was asked again
        is_decided = approval.decision is not None and approval.decision.at >= since
        return self._store.find_run(approval.run_id) if is_decided or is_new else None

    def list_asked(self, run_id: RunId) -> tuple[ApprovalId, ...]:
        return self._store.list_pending(run_id=run_id)

    def is_worked(self, where: ConversationRef) -> bool:
        return is_worked(self._store.database.reader, where)

    def list_owed(self, where: ConversationRef) -> tuple[Owed, ...]:
        return tuple(Owed(*found) for found in list_owed(self._store.database.reader, where))

    def find_owed(self, key: str) -> Owed | None:
        installation, _, rest = key.partition(".")
        number = rest.partition(".")[0]
        if installation != self._store.installation or not number.isdecimal():
            return None
        found = find_owed(self._store.database.reader, int(number))
        return None if found is None else Owed(*found)

    def list_away(self, where: ConversationRef, since: datetime) -> tuple[Away, ...]:
        try:
            return tuple(Away(*found) for found in list_away(self._store.database.reader, where, since))
        except StorageError:
            return ()

    def find_status(self, number: int) -> ApprovalStatus | None:
        try:
            approval = self._store.find_approval(ApprovalId(number))
        except StorageError:
            return None
        return None if approval is None else approval.status

    async def wait_until_quiet(self, where: ConversationRef) -> None:
        await self.wait_until(lambda: is_quiet(self._store.database.reader, where))

    async def wait_until(self, is_so: Callable[[], bool]) -> None:
        wake = self._signals.subscribe(Signal.RUNS, Signal.OWED)
        try:
            while not is_so():
                await wake.wait(timeout=_LOOK_AGAIN)
        finally:
            self._signals.unsubscribe(wake)
