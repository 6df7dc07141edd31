"""The exceptions: broken promises only. Expected outcomes are return values, tool failures are observations.

MallardError
├── SettingsError            a setting is missing or wrong; the message names it and what would be right
├── StorageError             the database cannot keep its promise; the message says what to do
│   ├── DatabaseTooNew       written by a newer Mallard
│   ├── DatabaseUnusable     read-only, corrupted, locked for too long, not a database, or the disk is full
│   └── NotFound             `load_` of something that is not there
├── LeaseLost                another worker has the run now: stop at once
├── StateConflict            a guarded change found another state than the caller was shown
│   └── PeopleChanged        who is whom changed since the caller looked: look again, decide again
├── ModelError
│   ├── ModelUnavailable     may work later (`retry_after` seconds): 429, 5xx, timeout, refused connection
│   └── ModelRefused         will not work later: bad key, unknown model, bad request
├── MemoryGone               what was just thought was thought with a memory that is forgotten by now: think again without it
├── EmbeddingUnavailable     no vectors can be made now: search is by words alone
└── PlatformError
    ├── PlatformUnavailable  nothing was posted; may work later (`retry_after` seconds)
    │   └── PlatformLimited  it takes nothing for a while, of whatever is sent there
    ├── PlatformUnclear      it may have been posted: look it up by its key before sending again
    └── PlatformRefused      nothing was posted and never will be: gone, forbidden, invalid
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.facts import Fact
    from runtime.memory.records import MemoryId


class MallardError(Exception):
    """The root of the tree."""


class SettingsError(MallardError):
    """A setting is missing or wrong."""


class StorageError(MallardError):
    """The database cannot keep its promise."""


class DatabaseTooNew(StorageError):
    """Written by a newer Mallard."""


class DatabaseUnusable(StorageError):
    """Read-only, corrupted, locked for too long, not a database, or the disk is full."""


class NotFound(StorageError):
    """It is not in the record."""


class LeaseLost(MallardError):
    """Another worker has the run now."""


class StateConflict(MallardError):
    """A guarded change found another state than the caller was shown."""


class PeopleChanged(StateConflict):
    """Who is whom changed since the caller looked."""


class MemoryGone(MallardError):
    """What is to be recorded was thought with a memory that is forgotten, or has expired, since it was recalled."""


class ModelError(MallardError):
    """The model did not do its part. `facts` are those of the calls made until then, for whoever records them, and `shown` the
    memories that it was asked about."""

    facts: "tuple[Fact, ...]" = ()
    shown: "tuple[MemoryId, ...]" = ()


class ModelUnavailable(ModelError):
    """The model may answer later: in `retry_after` seconds, where it said so, and not before."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelRefused(ModelError):
    """The model will not answer this, later either."""


class EmbeddingUnavailable(MallardError):
    """No vectors can be made now; the message says why, and what would be right."""


class PlatformError(MallardError):
    """A chat platform did not do its part."""


class PlatformUnavailable(PlatformError):
    """Nothing was posted; it may work in `retry_after` seconds, or sooner where that is None."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PlatformLimited(PlatformUnavailable):
    """Nothing was posted: the platform asks for patience, for so many seconds where it says how many."""


class PlatformUnclear(PlatformError):
    """It may have been posted."""


class PlatformRefused(PlatformError):
    """Nothing was posted and never will be."""
