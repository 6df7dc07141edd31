"""The record, served from SQLite: each part hands its requests to the unit of work that the noun's module has."""

from storage.afterthinking import Afterthinking
from storage.archive import Archive
from storage.inbox import Inbox
from storage.opened import LEASE, MAX_ATTEMPTS
from storage.people import People
from storage.remembering import Remembering
from storage.sending import Outbox
from storage.skills import Skills
from storage.working import Progress

__all__ = ["LEASE", "MAX_ATTEMPTS", "Store"]


class Store(Archive, Inbox, Progress, Outbox, People, Remembering, Afterthinking, Skills):
    """Implements `runtime.record_ports.Record`, and the port of skills beside it. Use as
    `async with Store(path, signals, clock) as store`."""
