"""Going on while the database fails for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runtime.errors import StorageError

STORAGE_PAUSE = 1.0

log = logging.getLogger(__name__)
T = TypeVar("T")


async def steadily(chore: Callable[[], Awaitable[None]]) -> None:
    """Keep a chore going: a database that fails for a while must not end the process that serves it."""
    while True:
        try:
            await chore()
        except StorageError as error:
            log.error("%s will be tried again: %s", chore.__name__, error)  # noqa: TRY400  the message says it all
            await asyncio.sleep(STORAGE_PAUSE)
        else:
            return


async def insist(
    write: Callable[[], Awaitable[T]], *, unless: asyncio.Event | None = None, pause: float = STORAGE_PAUSE
) -> T:
    """Write what must not be forgotten, as often as it takes. Raises StorageError only once `unless` is set."""
    while True:
        try:
            return await write()
        except StorageError as error:
            if unless is not None and unless.is_set():
                raise
            log.error("a write will be tried again: %s", error)  # noqa: TRY400  the message says it all
            await asyncio.sleep(pause)
