"""An index for a place that has too many vectors to hold: a file beside the database, made from the table by usearch.

It is never the truth. It knows up to which vector it was made, and how the place stood then: what came since is looked at
besides, and where something went it is removed and made anew. It gives candidates in eighths of the size; whoever asks
compares the vectors themselves. Needs usearch; without it there is no index, and every vector is looked at.
"""

import asyncio
import hashlib
import logging
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from runtime.memory.records import MemoryId, Place, Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Added = tuple[int, NDArray[np.int64], NDArray[np.float32]]  # the newest of some vectors, whose they are, themselves

_STEM = 24  # characters of a file's name that stand for its place

log = logging.getLogger(__name__)


class IndexedPlace(Struct, frozen=True):
    """The vectors of one place in one space, as the place stood when a vector last went."""

    place: Place
    space: str
    dimensions: int
    thinned: int

    @classmethod
    def of(cls, place: Place, vector: Vector, thinned: int) -> "IndexedPlace":
        return cls(place, vector.space, len(vector.values) // 4, thinned)

    @property
    def stem(self) -> str:
        """The beginning of its files' names, which tells nobody whose they are."""
        named = f"{self.place.scope} {self.place.subject} {self.space} {self.dimensions}"
        return hashlib.sha256(named.encode()).hexdigest()[:_STEM]


class VectorIndex(Struct, frozen=True):
    """An index as it lies on the disk; only what a search touches is read."""

    newest: int
    _index: Any

    def find_candidates(self, vector: "NDArray[np.float32]", most: int) -> list[MemoryId]:
        return [MemoryId(int(key)) for key in self._index.search(vector, most).keys]


class VectorIndexes:
    """The indexes of a database, each looked up in its folder. Several processes may share it: files appear whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[IndexedPlace, VectorIndex] = {}

    def find(self, wanted: IndexedPlace) -> VectorIndex | None:
        """The index of a place as it stands; files of how it stood are removed. Blocks."""
        if _usearch() is None or not self._folder.is_dir():
            return None
        newest = max((self._newest_of(file, wanted) for file in self._folder.glob(f"{wanted.stem}-*")), default=-1)
        if newest < 0:
            return None
        known = self._open.get(wanted)
        if known is None or known.newest != newest:
            self._open = {each: index for each, index in self._open.items() if each.stem != wanted.stem}
            known = self._open[wanted] = VectorIndex(newest, _view(self._file(wanted, newest)))
        return known

    def _newest_of(self, file: Path, wanted: IndexedPlace) -> int:
        """Up to which vector a file goes; -1 for one that is of no use any more, which is removed."""
        parts = re.fullmatch(r"[0-9a-f]+-(-?\d+)-(\d+)\.usearch", file.name)
        if parts is not None and int(parts[1]) == wanted.thinned:
            return int(parts[2])
        if parts is not None:
            file.unlink(missing_ok=True)
        return -1

    def _file(self, wanted: IndexedPlace, newest: int) -> Path:
        return self._folder / f"{wanted.stem}-{wanted.thinned}-{newest}.usearch"

    async def extend(
        self, wanted: IndexedPlace, added: AsyncIterator["Added"], *, is_current: Callable[[], bool]
    ) -> None:
        """Make an index of what there is already and what was added. Nothing is kept where the place is another by then."""
        if (usearch := await asyncio.to_thread(_usearch)) is None:
            return
        standing = await asyncio.to_thread(self.find, wanted)
        newest = 0 if standing is None else standing.newest
        index = await asyncio.to_thread(self._begin, usearch, wanted, newest)
        async for newest, ids, vectors in added:  # noqa: B007  the last one is the index's own
            await asyncio.to_thread(index.add, ids, vectors, threads=1)
        file, draft = self._file(wanted, newest), self._folder / f"{secrets.token_hex(8)}.draft"
        try:
            await asyncio.to_thread(self._save, index, draft)
            if is_current():
                await asyncio.to_thread(self._publish, draft, file)
            if not is_current():  # something went just now, and whoever removed it has looked for files already
                file.unlink(missing_ok=True)
        finally:
            draft.unlink(missing_ok=True)

    def _begin(self, usearch: ModuleType, wanted: IndexedPlace, newest: int) -> Any:
        if newest:
            return usearch.Index.restore(str(self._file(wanted, newest)), view=False)
        return usearch.Index(ndim=wanted.dimensions, metric="cos", dtype="i8")

    def _save(self, index: Any, draft: Path) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        index.save(str(draft))

    def _publish(self, draft: Path, file: Path) -> None:
        os.replace(draft, file)
        for older in self._folder.glob(f"{file.name[:_STEM]}-*"):
            if older != file:
                older.unlink(missing_ok=True)

    def remove_all(self) -> None:
        """What was removed from the record is in no index afterwards."""
        self._open.clear()
        for file in self._folder.glob("*"):
            file.unlink(missing_ok=True)


def _view(file: Path) -> Any:
    usearch = _usearch()
    assert usearch is not None  # noqa: S101  nobody comes here without it
    return usearch.Index.restore(str(file), view=True)


@cache
def _usearch() -> ModuleType | None:
    try:
        from usearch import index
    except ImportError:
        log.info("usearch is not installed: searching very many memories takes seconds")
        return None
    found: ModuleType = index
    return found
