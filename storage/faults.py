"""What SQLite says when it cannot, in words that tell a person what to do."""

import errno
import sqlite3

from runtime.errors import DatabaseUnusable, StorageError

_ADVICE = {
    "SQLITE_FULL": "the disk is full: free some space; nothing half-written was kept",
    "SQLITE_READONLY": "it cannot be written: check the owner and permissions of the file and its folder",
    "SQLITE_CANTOPEN": "it cannot be opened: check that its folder exists and is yours",
    "SQLITE_NOTADB": "it is not a SQLite database: move it away, or restore a backup in its place",
    "SQLITE_CORRUPT": "it is damaged: stop Mallard, keep the file, and restore the newest backup",
    "SQLITE_BUSY": "another program holds it locked: end that program, or wait until it is done",
    "SQLITE_LOCKED": "another program holds it locked: end that program, or wait until it is done",
    "SQLITE_IOERR": "the disk failed to read or write: check the disk and its free space",
}

_OF_THE_SYSTEM: dict[int | None, str] = {
    errno.ENOSPC: "SQLITE_FULL",
    errno.EDQUOT: "SQLITE_FULL",
    errno.EACCES: "SQLITE_READONLY",
    errno.EPERM: "SQLITE_READONLY",
    errno.EROFS: "SQLITE_READONLY",
    errno.EEXIST: "SQLITE_CANTOPEN",
    errno.ENOTDIR: "SQLITE_CANTOPEN",
}


def is_storage_at_fault(error: sqlite3.Error) -> bool:
    """Whether the disk or the file failed, and not the statement that was tried."""
    return (getattr(error, "sqlite_errorname", None) or "").startswith(tuple(_ADVICE))


def storage_fault(error: Exception, path: str) -> StorageError:
    """The error of our tree that says the same, with advice. Errors of our tree come back as they are."""
    if isinstance(error, StorageError):
        return error
    name = getattr(error, "sqlite_errorname", None) or _OF_THE_SYSTEM.get(getattr(error, "errno", None), "")
    advice = next((words for prefix, words in _ADVICE.items() if name.startswith(prefix)), None)
    if advice is None and isinstance(error, sqlite3.DatabaseError) and "file is not a database" in str(error):
        advice = _ADVICE["SQLITE_NOTADB"]
    return DatabaseUnusable(f"The database {path} failed: {advice or error}")
