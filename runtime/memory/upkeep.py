"""What memories need from time to time: those whose time has passed go, and a forgetting that was cut short is finished."""

import asyncio
import logging

from runtime.errors import StorageError
from runtime.memory.ports import Memories
from runtime.ports import Clock

PAUSE = 3600.0  # seconds; what expired is not found in the meantime either

log = logging.getLogger(__name__)


async def keep_up(memories: Memories, clock: Clock) -> None:
    """Look after memories now and every hour, until cancelled."""
    while True:
        try:
            await look_after(memories, clock)
        except StorageError as error:
            log.warning("memories could not be looked after: %s", error)
        await asyncio.sleep(PAUSE)


async def look_after(memories: Memories, clock: Clock) -> None:
    await memories.expire_memories(clock.now())
    if not await memories.scour():
        log.warning("what was forgotten is still in the database's log: somebody reads an old state of it")
