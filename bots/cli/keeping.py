"""`mallard backup` and `mallard prune`."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from bots.cli.opening import open_database, read_age, run_async, settings_here
from bots.settings import Settings
from bots.terminal.wording import write_time
from storage import pruning


def backup(path: str) -> None:
    """Copy the database. Raises DatabaseUnusable where the file is there already or cannot be written."""
    target = Path(path).expanduser().absolute()

    async def copy() -> None:
        async with open_database(settings_here()) as database:
            await database.back_up(target)

    run_async(copy)
    print(f"The backup stands in {target} ({target.stat().st_size / 1024 / 1024:.1f} MB).")


def prune(older_than: str, *, yes: bool) -> None:
    """Remove runs that ended before an age, after asking."""
    settings, before = settings_here(), datetime.now(UTC) - read_age(older_than)
    found = run_async(lambda: _count(settings, before))
    if not found:
        print(f"No run ended before {write_time(before)}.")
        return
    if not yes:
        typer.confirm(f"Remove {_runs(found)} that ended before {write_time(before)}, for good?", abort=True)
    removed = run_async(lambda: _remove(settings, before))
    print(f"Removed: {_runs(removed)}. The file keeps its size; the room in it is used again.")


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


async def _count(settings: Settings, before: datetime) -> int:
    async with open_database(settings) as database:
        row = database.read_row(pruning.COUNT, pruning.count_parameters(before))
        return int(row[0]) if row else 0


async def _remove(settings: Settings, before: datetime) -> int:
    removed = 0
    async with open_database(settings) as database:
        while batch := await database.write(lambda tx: pruning.prune(tx, before, datetime.now(UTC))):
            removed += batch
    return removed
