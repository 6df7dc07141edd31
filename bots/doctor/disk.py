"""The database and the workspaces."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bots.doctor.findings import Finding, fail, ok, warn
from bots.settings import Settings
from bots.settings.sources import ENV_NAME, TOML_NAME
from runtime.errors import MallardError
from runtime.signals import Signals
from storage.database import Database
from storage.events import verify_chain
from storage.migrate import known_migrations
from storage.reader import one_moment

_TIGHT = 500 * 1024 * 1024


async def examine_database(settings: Settings) -> tuple[Finding, ...]:
    """Opens it, which also migrates it: just what starting would do. A database that is not there is not made."""
    path = settings.database
    if not path.exists():
        return (ok("database", f"none yet; `mallard up` makes {path}"), *_examine_space(path))
    try:
        async with Database(path, Signals(), synchronous=settings.synchronous) as database:
            return (*_examine_open(database), *_examine_space(path))
    except MallardError as error:
        return (fail("database", str(error), ""), *_examine_space(path))


def _examine_open(database: Database) -> Iterator[Finding]:
    size = database.path.stat().st_size / 1024 / 1024
    yield ok("database", f"{database.path}, format {len(known_migrations())}, {size:.1f} MB")
    if all(place.stat().st_mode & 0o077 for place in (database.path, database.path.parent)):
        yield warn(
            "secrets", f"{database.path} can be read by others on this machine", f"chmod 700 {database.path.parent}"
        )
    try:
        damage = [row[0] for row in database.reader.execute("PRAGMA quick_check(5)") if row[0] != "ok"]
        mode = database.reader.execute("PRAGMA journal_mode").fetchone()[0]
        with one_moment(database.reader):
            breaks = list(verify_chain(database.reader))
    except sqlite3.Error as error:
        yield fail("database", f"it cannot be read through: {error}", _RESTORE)
        return
    if damage:
        yield fail("integrity", f"the file is damaged: {damage[0]}", _RESTORE)
    else:
        yield ok("integrity", "every page is sound")
    if mode != "wal":
        yield warn(
            "journal", f"the journal mode is {mode}, not WAL", "Move the database from a network file system to a disk."
        )
    if breaks:
        yield fail("audit", f"{len(breaks)} places were changed or removed", "`mallard audit verify` names them.")
    else:
        yield ok("audit", "nothing was changed, removed or put in another order")


_RESTORE = "Stop Mallard, keep this file, and put the newest backup in its place."


def _examine_space(path: Path) -> Iterator[Finding]:
    place = _nearest(path.parent)
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        yield fail("disk", f"{place} cannot be written", f"Make it yours: chown {os.getuid()} {place}")
    elif free < _TIGHT:
        yield warn("disk", f"only {free // 1024 // 1024} MB are free at {place}", "Free some, or `mallard prune`.")
    else:
        yield ok("disk", f"{free / 1024**3:.0f} GB free")


def examine_secrets(folder: Path) -> Iterator[Finding]:
    """Whether others on this machine can read the files that hold tokens."""
    for path in (folder / ENV_NAME, folder / TOML_NAME):
        if path.exists() and path.stat().st_mode & 0o077:
            yield warn("secrets", f"{path} can be read by others on this machine", f"chmod 600 {path}")


def examine_workspaces(settings: Settings) -> Iterator[Finding]:
    named = [("default", settings.workspace, True)]
    named += [(choice.name, choice.path, False) for choice in settings.workspaces]
    for name, path, made_by_us in named:
        part = f"workspace {name}"
        if not path.exists() and made_by_us:
            yield ok(part, f"none yet; `mallard up` makes {path}")
        elif not path.is_dir():
            yield fail(part, f"{path} is not a folder", f"Make it: mkdir -p {path}")
        elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            yield fail(part, f"{path} cannot be read and written", f"Make it yours: chown {os.getuid()} {path}")
        else:
            yield ok(part, str(path))


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())
