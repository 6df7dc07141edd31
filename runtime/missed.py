"""What was said while nobody heard it: read for as long as it takes, and brought to the door."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from functools import partial
from itertools import chain, repeat
from typing import TypeAlias

from runtime.door import Door
from runtime.errors import PlatformError, StorageError
from runtime.records import IncomingMessage
from runtime.steadiness import insist

PAUSES = (5.0, 30.0, 120.0, 600.0)
"""Seconds before what a platform does not let us read is tried again; the last one is for all further times."""

log = logging.getLogger(__name__)

Read: TypeAlias = Callable[[], AsyncIterator[IncomingMessage]]


async def bring_in(platform: str, read: Read, door: Door, *, pauses: tuple[float, ...] = PAUSES) -> None:
    """Return once everything that `read` finds is in the record. What was brought before a trouble is found again, and
    receiving it twice is receiving it once."""
    for pause in chain(pauses, repeat(pauses[-1])):
        try:
            async for message in read():
                try:
                    await insist(partial(door.receive, message, missed=True))
                except (PlatformError, StorageError):
                    raise
                except Exception:  # a fault of ours with one message must not hide all that came after it
                    log.exception("%s: a message that was missed could not be received", platform)
        except (PlatformError, StorageError) as error:
            log.warning("%s: what was said while I was away cannot be read yet: %s", platform, error)
            await asyncio.sleep(pause)
        else:
            return
