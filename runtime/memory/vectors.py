"""The vector of one text, where one can be made now."""

import asyncio
import logging

from runtime.errors import EmbeddingUnavailable
from runtime.memory.ports import Embedder
from runtime.memory.records import Vector

PATIENCE = 2.0  # seconds that an answer waits for a vector, if it has to
UNHURRIED = 60.0

log = logging.getLogger(__name__)


async def vector_of(text: str, embedder: Embedder | None, *, patience: float) -> Vector | None:
    """None: search is by words alone, and what is remembered gets its vector later."""
    if embedder is None:
        return None
    try:
        async with asyncio.timeout(patience):
            (vector,) = await embedder.embed((text,))
    except EmbeddingUnavailable as error:
        log.info("there is no vector for now: %s", error)
        return None
    except TimeoutError:
        log.info("there is no vector for now: it took longer than %s seconds", patience)
        return None
    return vector
