"""A process that was started, and what it had used when it ended."""

import asyncio
import os
import subprocess
from collections.abc import Mapping, Sequence

from msgspec import Struct


class Usage(Struct, frozen=True, kw_only=True):
    """Of a process and of all that it waited for: the largest one's memory, and everybody's processor time."""

    max_rss_kb: int
    cpu_ms: int


class Child:
    """Started at once, in a session of its own, with `source` as its input. Raises OSError where it cannot be."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        folder: str,
        environment: Mapping[str, str],
        output: int,
        descriptors: Sequence[int],
        source: int = subprocess.DEVNULL,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603  running commands is what it is for
            argv, stdin=source, stdout=output, stderr=output, pass_fds=descriptors, cwd=folder,
            env=dict(environment), start_new_session=True,
        )  # fmt: skip
        self.pid = self._process.pid
        self.usage: Usage | None = None
        self._ended: asyncio.Future[int] = self._watch()

    async def wait(self) -> int:
        """Its return code, a negative one for the signal that ended it. May be awaited and cancelled at will."""
        return await asyncio.shield(self._ended)

    def _watch(self) -> "asyncio.Future[int]":
        loop = asyncio.get_running_loop()
        if not hasattr(os, "pidfd_open"):
            return asyncio.ensure_future(asyncio.to_thread(self._reap))
        ended: asyncio.Future[int] = loop.create_future()
        descriptor = os.pidfd_open(self.pid)

        def settle() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            ended.set_result(self._reap())

        loop.add_reader(descriptor, settle)
        return ended

    def _reap(self) -> int:
        _, status, used = os.wait4(self.pid, 0)
        self.usage = Usage(max_rss_kb=used.ru_maxrss, cpu_ms=round((used.ru_utime + used.ru_stime) * 1000))
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode
