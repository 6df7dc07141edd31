"""What other processes do in storage tests: `python -m tests.storage.children <task> <arguments>`.

Each says a line when it is ready, and goes on when it is told a line.
"""

import asyncio
import ctypes
import os
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from runtime.errors import StorageError
from runtime.records import RunId, Verdict
from storage.migrate import Migration, migrate
from tests.storage.desk import ALICE, EVERYWHERE, Desk, asks, open_desk
from tests.storage.memory.past import TEXT, is_source, planned, remember, tells

CAPABILITIES_V3 = 0x20080522
OVERRIDES = 0b1110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER


def say(*words: object) -> None:
    print(*words, flush=True)


def wait_for_a_word() -> str:
    return sys.stdin.readline().strip()


def give_up_the_right_to_everything() -> None:
    """Root may write what is read-only; whoever lacks these capabilities may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    sets[0] &= ~OVERRIDES
    assert libc.capset(header, sets) == 0


async def open_at_once(path: Path) -> None:
    """Open a database the moment that everybody does."""
    say("ready")
    wait_for_a_word()
    async with open_desk(path) as desk:
        say(desk.store.installation, desk.store.worker_id)


async def hold_a_run(path: Path) -> None:
    """Claim a run and start its call, claim a delivery, and then do nothing more until killed."""
    async with open_desk(path) as desk:
        claimed = await desk.claim()
        await desk.store.mark_started(claimed.lease, claimed.run.steps[-1].calls[0], desk.now)
        deliveries = await desk.store.claim_deliveries(desk.now, platforms=EVERYWHERE, limit=1)
        say(claimed.run.id, len(deliveries))
        wait_for_a_word()


async def claim_in_a_race(path: Path) -> None:
    """Claim whatever can be claimed, as fast as possible, beside others that do the same."""
    async with open_desk(path) as desk:
        say("ready")
        wait_for_a_word()
        for _ in range(40):
            for claimed in await desk.store.claim(desk.now, platforms=EVERYWHERE, limit=3):
                say(claimed.run.id, claimed.run.conversation_id)
                await desk.finish(claimed)
        say("end")


async def settle_in_a_race(path: Path) -> None:
    """Settle approval 1 five hundred times at once, beside another that does the same."""
    async with open_desk(path) as desk:
        say("ready")
        wait_for_a_word()
        verdicts = (Verdict.APPROVE, Verdict.DENY)
        settled = await asyncio.gather(*(desk.settle(1, verdicts[n % 2]) for n in range(500)))
        standing = {(each.approval.status, each.approval.decision) for each in settled}
        say(sum(each.won for each in settled), len(settled), len(standing))


async def receive_in_a_race(path: Path) -> None:
    """Receive the same ten messages as another process does."""
    async with open_desk(path) as desk:
        say("ready")
        wait_for_a_word()
        say(sum([await _is_new(desk, f"m{number}") for number in range(10)]))


async def _is_new(desk: Desk, id_: str) -> bool:
    try:
        await desk.receive(id_)
    except AssertionError:
        return False
    return True


async def work_without_privileges(path: Path) -> None:
    """Try to open and to write, bound by the permissions of files also where the tests are run by root."""
    give_up_the_right_to_everything()
    try:
        async with open_desk(path) as desk:
            await desk.receive("m1")
            say("written")
    except StorageError as error:
        say(type(error).__name__, error)


async def fill(path: Path) -> None:
    """Receive messages until there is no room for one more, make room, and go on."""
    ballast = path.with_name("ballast")
    ballast.write_bytes(bytes(300_000))
    async with open_desk(path) as desk:
        received = 0
        try:
            for received in range(100_000):
                await desk.receive(f"m{received}")
        except StorageError as error:
            say(type(error).__name__, error)
        ballast.unlink()
        whole = [desk.run(run) for run in range(1, received + 1)]
        say(len(whole), desk.store.find_run(RunId(received + 1)), len(desk.breaks()))
        say((await desk.receive(f"m{received}")).id)


async def die_in_a_migration(path: Path) -> None:
    """Be killed between two statements of a migration."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))
    half = Migration(number=2, name="0002_half", sql="CREATE TABLE geese (n INTEGER);\nSELECT die();\n")
    whole = Migration(number=1, name="0001_whole", sql="CREATE TABLE ducks (n INTEGER);\n")
    migrate(connection, str(path), (whole, half))


class Mortal(sqlite3.Connection):
    """Is the end of its process at the first statement that begins with the word that it was told."""

    last_word = ""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if self.last_word and sql.startswith(self.last_word):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(sql, *parameters)


async def die_while_forgetting(path: Path) -> None:
    """Be killed before a statement of forgetting."""
    async with open_desk(path, writing_with=Mortal) as desk:
        memory_id = await remember(desk, TEXT)
        told = await planned(desk, tells(asks()), request=TEXT, relied=(memory_id,))
        await is_source(desk, memory_id, told.run)
        await desk.store.cancel(told.run.id, desk.now, by=ALICE)
        Mortal.last_word = wait_for_a_word()
        await desk.store.forget([memory_id], desk.now, by=ALICE)


TASKS: dict[str, Callable[[Path], Awaitable[None]]] = {
    task.__name__: task
    for task in (
        open_at_once,
        hold_a_run,
        claim_in_a_race,
        settle_in_a_race,
        receive_in_a_race,
        work_without_privileges,
        fill,
        die_in_a_migration,
        die_while_forgetting,
    )
}

if __name__ == "__main__":
    asyncio.run(TASKS[sys.argv[1]](Path(sys.argv[2])))  # type: ignore[arg-type]  # they are coroutines
