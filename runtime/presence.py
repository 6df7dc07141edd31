"""How people see a run being worked on, where the process has the platform to show it."""

import contextlib
import logging
from collections.abc import AsyncIterator, Mapping

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
    """A stream with its end: whatever happens to the run, no sign of activity is left behind."""

    def __init__(self, stream: Stream, *, shows: bool) -> None:
        self.stream = stream
        self.shows = shows
        self.suspended = False


@contextlib.asynccontextmanager
async def present(run: Run, platforms: Mapping[str, Platform], installation: str) -> AsyncIterator[Presence]:
    """Open a run's presence for as long as this worker carries it."""
    platform = platforms.get(run.where.platform)
    if platform is None or not platform.limits.streams:
        yield Presence(NoStream(), shows=False)
        return
    request = StreamRequest(
        run_id=run.id,
        where=run.where,
        direct=run.direct,
        asked_by=run.asked_by,
        message_id=run.message_id,
        key=f"{installation}.r{run.id}",
    )
    try:
        presence = Presence(platform.open_stream(request), shows=True)
    except PlatformError as error:  # a run is never held up by nobody being able to watch it
        log.info("run %d is worked on unseen: %s", run.id, error)
        yield Presence(NoStream(), shows=False)
        return
    try:
        yield presence
    finally:
        await presence.stream.close(suspended=presence.suspended)
