"""`mallard audit`."""

import os
import sys
from typing import TextIO

import orjson

from bots.cli.opening import open_database, read_moment, run_async, settings_here
from storage import events


def verify() -> int:
    """Check the whole trail and say what was found. The exit status: 1 where something is not as it was written."""

    async def check() -> list[events.Break]:
        async with open_database(settings_here()) as database:
            return list(events.verify_chain(database.reader))

    breaks = run_async(check)
    for found in breaks:
        place = f"run {found.run_id}, event {found.seq}" if found.run_id else f"installation, head {found.seq}"
        print(f"{place}: {found.what}.")
    if breaks:
        print(
            f"{len(breaks)} places of the record are not what was written. Keep this file as it is, "
            "and compare it with a backup.",
            file=sys.stderr,
        )
        return 1
    print("The record is whole: nothing was changed, removed or put in another order.")
    return 0


def export(since: str | None, to: str) -> None:
    """Write every event as a line of JSON. An existing file is never overwritten."""
    start = read_moment(since) if since else None

    async def write(out: TextIO) -> int:
        written = 0
        async with open_database(settings_here()) as database:
            for row in await database.scan(events.ALL, events.scan_parameters(start)):
                event = events.read_event(row)
                line = {"run": event.run_id, "seq": event.seq, "type": event.type, "at": event.at, "body": event.body}
                out.write(orjson.dumps(line).decode() + "\n")
                written += 1
        return written

    if to == "-":
        run_async(lambda: write(sys.stdout))
        return
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        written = run_async(lambda: write(out))
    print(f"{written} events stand in {to}.")
