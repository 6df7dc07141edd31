"""Bells that ring while something is wrong: the database has a lock on it, or what they say cannot be kept."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from runtime.records import Observation, Risk
from runtime.tools.port import ToolScope
from tests.runtime.bell import Bell, NoArguments
from tests.runtime.stage import Stage


class Lock:
    """Another program's connection, which holds the database to itself from some moment on."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)

    async def take(self) -> None:
        await asyncio.to_thread(self.connection.execute, "BEGIN IMMEDIATE")

    def release(self) -> None:
        self.connection.execute("COMMIT")


class AuditedBell(Bell):
    """Each time that it rings is in the trail, where that is wanted."""

    def __init__(self, risk: Risk, *, is_audited: bool = True) -> None:
        super().__init__(risk)
        self._is_audited = is_audited

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        if self._is_audited:
            await scope.audit({"action": "ring"})
        return await super().run(arguments, scope)


class LockingBell(AuditedBell):
    """By the time that it has rung, somebody holds the database."""

    lock: Lock

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        observation = await super().run(arguments, scope)
        await self.lock.take()
        return observation


class HangingBell(LockingBell):
    """Rings once, and hangs from then on; nobody can write by then."""

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        if not self.rang:
            return await AuditedBell.run(self, arguments, scope)
        await super().run(arguments, scope)
        await asyncio.Event().wait()
        raise AssertionError("nothing ends that")


class CrackedBell(Bell):
    """What it says is nothing that a record can hold."""

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        await super().run(arguments, scope)
        return Observation(ok=True, text="ding", metadata={"tone": object()})


@contextmanager
def locked_by(bell: LockingBell, stage: Stage) -> Iterator[Lock]:
    bell.lock = Lock(stage.store.database.path)
    with closing(bell.lock.connection):
        yield bell.lock
