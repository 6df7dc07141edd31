"""Memories that lack a vector get one in the background: after the model was changed, or while it could not be had."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from runtime.errors import EmbeddingUnavailable
from runtime.memory.ports import Embedder, Memories
from runtime.memory.records import MemoryId, Vector
from runtime.steadiness import steadily

FIRST_LOOK_S, LOOK_AGAIN_S = 10.0, 600.0
BATCH = 32
# People come first, but where they never stop coming it goes on all the same, slowly.
LONGEST_PAUSE_S, GLANCE_S = 5.0, 0.25
_NO_SPACE = ""  # in which nothing has a vector

log = logging.getLogger(__name__)


class Reembedding:
    """Sees to it that what is remembered can be found by the vectors of the present model, and by no other's."""

    def __init__(
        self,
        *,
        record: Memories,
        embedder: Embedder,
        is_busy: Callable[[], bool],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._record = record
        self._embedder = embedder
        self._is_busy = is_busy
        self._sleep = sleep

    async def run(self) -> None:
        """Look again and again, until it is cancelled. What other models made is dropped once, at the beginning: a process
        beside this one may be set to another model, and they must not take each other's vectors for ever."""
        await self._sleep(FIRST_LOOK_S)
        await steadily(self._replace)
        while True:
            await self._sleep(LOOK_AGAIN_S)
            await steadily(self._look)

    async def _replace(self) -> None:
        while not await self.catch_up():
            await self._sleep(LOOK_AGAIN_S)
        if await self._is_anything_remembered():
            dropped = await self._record.drop_other_vectors(await self._embedder.space())
            if dropped:
                log.info("memories are found by the vectors of another model now; %d old ones are gone", dropped)

    async def _look(self) -> None:
        await self.catch_up()

    async def catch_up(self) -> bool:
        """Go through all memories without a vector once, the newest first. Returns whether none is left.

        The model is neither loaded nor asked where there is nothing to do for it.
        """
        if not await self._is_anything_remembered():
            return True
        try:
            space = await self._embedder.space()
        except EmbeddingUnavailable:
            return False
        before, none_left = None, True
        while lacking := await self._record.list_without_vector(space, limit=BATCH, before=before):
            await self._until_idle()
            made = await self._vectors_of(dict(lacking))
            if not made:
                return False
            await self._record.keep_vectors(made)
            none_left = none_left and len(made) == len(lacking)
            before = lacking[-1][0]
        return none_left

    async def _is_anything_remembered(self) -> bool:
        return bool(await self._record.list_without_vector(_NO_SPACE, limit=1))

    async def _vectors_of(self, texts: dict[MemoryId, str]) -> dict[MemoryId, Vector]:
        """Of all; where the model does not take them together, of those that it takes alone."""
        try:
            return dict(zip(texts, await self._embedder.embed(tuple(texts.values())), strict=True))
        except EmbeddingUnavailable:
            alone = {memory_id: await self._vector_of(text) for memory_id, text in texts.items()}
            return {memory_id: vector for memory_id, vector in alone.items() if vector is not None}

    async def _vector_of(self, text: str) -> Vector | None:
        try:
            (vector,) = await self._embedder.embed((text,))
        except EmbeddingUnavailable:
            return None
        return vector

    async def _until_idle(self) -> None:
        waited = 0.0
        while self._is_busy() and waited < LONGEST_PAUSE_S:
            await self._sleep(GLANCE_S)
            waited += GLANCE_S
