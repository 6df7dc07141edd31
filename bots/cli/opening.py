"""What every command starts with: the settings of this folder, and the record that they point to."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bots.cli.starting import collect_from_now
from bots.settings import Settings, load_settings
from runtime.errors import MallardError
from runtime.signals import Signals
from storage.database import Database

T = TypeVar("T")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def settings_here() -> Settings:
    return load_settings(Path.cwd())


def run_async(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    collect_from_now()
    return asyncio.run(work())


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The record, which must exist. Raises MallardError where it does not: looking must not create one."""
    if not settings.database.exists():
        raise MallardError(f"There is no database at {settings.database} yet. `mallard up` makes it.")
    async with Database(settings.database, Signals(), synchronous=settings.synchronous) as database:
        yield database


def read_age(text: str) -> timedelta:
    """`90d`, `12w` or `48h`. Raises MallardError that names the form wanted."""
    found = re.fullmatch(r"(\d{1,5})\s*([hdw])", text.strip().lower())
    if not found:
        raise MallardError(f"{text!r} is not an age. Write a number and h, d or w: 90d, 12w, 48h.")
    return int(found[1]) * _UNITS[found[2]]


def read_moment(text: str) -> datetime:
    """A day or an age, as the moment it means. Raises MallardError that names the forms wanted."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    try:
        return datetime.now(UTC) - read_age(text)
    except (MallardError, OverflowError):
        raise MallardError(f"{text!r} is neither a day (2026-01-31) nor an age (7d).") from None
