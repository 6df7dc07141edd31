"""How people see a run being worked on, where the process has the platform to show it."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from runtime.errors import PlatformError
from runtime.ports import OnPosted, Platform, Stream, StreamRequest
from runtime.records import MessageRef, Run

log = logging.getLogger(__name__)


class NoStream:
    """For conversations whose platform belongs to another process, or cannot show work in progress."""

    @property
    def message(self) -> MessageRef | None:
        return None

    async def status(self, text: str) -> None:
        """Nobody looks."""

    async def begin_answer(self, key: str, on_posted: OnPosted) -> None:
        """Nobody looks."""

    async def append(self, text: str) -> None:
        """Nobody looks."""

    async def finish_answer(self, markdown: str) -> bool:
        return False

    async def close(self, *, suspended: bool) -> None:
        """Nothing was opened."""


class Presence:
    """A stream with its end: whatever happens to the run inside the block, no sign of activity is left behind."""

    def __init__(self, stream: Stream, *, shows: bool) -> None:
        self.stream = stream
        self.shows = shows
        self.suspended = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stream.close(suspended=self.suspended)


def present(run: Run, platforms: Mapping[str, Platform], installation: str) -> Presence:
    """Open a run's presence for as long as this worker carries it: `async with present(…) as presence`."""
    platform = platforms.get(run.where.platform)
    if platform is None or not platform.limits.streams:
        return Presence(NoStream(), shows=False)
    request = StreamRequest(
        run_id=run.id,
        where=run.where,
        direct=run.direct,
        asked_by=run.asked_by,
        message_id=run.message_id,
        key=f"{installation}.r{run.id}",
    )
    try:
        return Presence(platform.open_stream(request), shows=True)
    except PlatformError as error:  # a run is never held up by nobody being able to watch it
        log.info("run %d is worked on unseen: %s", run.id, error)
        return Presence(NoStream(), shows=False)
