"""`mallard audit`."""

import heapq
import os
import sys
from operator import itemgetter
from typing import Any, TextIO

from bots.cli.opening import open_database, read_moment, run_async, settings_here
from bots.masking import masker_of
from runtime.errors import MallardError
from runtime.records import Event, LinkEvent
from storage import events, links
from storage.heads import Head, find_newest_head, stands
from storage.reader import one_moment


def verify(expect: str | None) -> int:
    """Check the whole trail and say what was found. The exit status: 1 where something is not as it was written, or
    where the head `expect`, which was kept elsewhere, does not stand in it."""
    kept = Head.parse(expect) if expect else None
    if expect and kept is None:
        raise MallardError(f"{expect!r} is not a head. It looks like 12:9f86…, as `mallard audit verify` prints it.")

    async def check() -> tuple[list[events.Break], Head, bool]:
        async with open_database(settings_here()) as database:
            with one_moment(database.reader):
                newest = find_newest_head(database.reader)
                found = kept is None or stands(database.reader, kept)
                return list(events.verify_chain(database.reader)), newest, found

    breaks, newest, found = run_async(check)
    for each in breaks:
        place = f"run {each.run_id}, event {each.seq}" if each.run_id else "installation"
        print(f"{place}: {each.what}.")
    if breaks:
        print(
            f"{len(breaks)} places of the record are not what was written. Keep this file as it is, "
            "and compare it with a backup.",
            file=sys.stderr,
        )
    if not found:
        print(
            f"The head {kept} is not in this record, which ends at {newest}: what it vouched for was cut off or "
            "rewritten, or this is an older copy.",
            file=sys.stderr,
        )
    if breaks or not found:
        return 1
    print("The record is whole: nothing was changed, removed or put in another order.")
    if kept is not None:
        print(f"The head {kept.count} that you kept stands in it.")
    print(f"Head: {newest}")
    return 0


def export(since: str | None, to: str) -> None:
    """Write every event as a line of JSON; what is about people and no run has no run. Existing files are never
    overwritten. Secrets are masked when events are recorded; here once more, for those that became settings since."""
    start, settings = read_moment(since) if since else None, settings_here()
    masker = masker_of(settings)

    async def write(out: TextIO) -> int:
        written = 0
        async with open_database(settings) as database:
            of_runs = (events.read_event(row) for row in await database.scan(events.ALL, events.scan_parameters(start)))
            of_people = links.read_events(await database.scan(links.ALL, events.scan_parameters(start)))
            for line in heapq.merge(map(_of_run, of_runs), map(_of_people, of_people), key=itemgetter("at")):
                out.write(masker.write_json(line).decode() + "\n")
                written += 1
        return written

    if to == "-":
        run_async(lambda: write(sys.stdout))
        return
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        written = run_async(lambda: write(out))
    print(f"{written} events stand in {to}.")


def _of_run(event: Event) -> dict[str, Any]:
    return {"run": event.run_id, "seq": event.seq, "type": event.type, "at": event.at, "body": event.body}


def _of_people(event: LinkEvent) -> dict[str, Any]:
    return {"run": None, "seq": event.number, "type": event.type, "at": event.at, "body": event.body}
