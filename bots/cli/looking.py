"""`mallard runs` and `mallard run`."""

from collections.abc import Iterable

from msgspec.structs import replace

from bots.cli.opening import open_database, run_async, settings_here
from bots.cli.printing import print_json, print_table, write_age
from bots.masking import masker_of
from bots.terminal.wording import write_time
from runtime.errors import MallardError, NotFound
from runtime.masking import Masker
from runtime.proposals import RunLine, RunQuery
from runtime.records import ConversationRef, Event, Run, RunId
from runtime.showing import shortened
from runtime.states import RunStatus
from runtime.telling import tell
from runtime.tools.visible import make_prose_visible, make_visible
from storage import events, reading
from storage.loading import load_run

_OPEN = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.QUEUED)


def runs(*, everything: bool, status: str | None, limit: int, as_json: bool) -> None:
    """List runs, the newest first. Raises MallardError for a status that there is not."""
    wanted, settings = _read_statuses(status, everything=everything), settings_here()
    masker = masker_of(settings)

    async def read() -> list[RunLine]:
        async with open_database(settings) as database:
            queries = (RunQuery(status=one, limit=limit) for one in wanted)
            return [line for query in queries for line in reading.list_runs(database.reader, query)]

    newest = sorted(run_async(read), key=lambda line: line.id, reverse=True)[:limit]
    lines = [replace(line, request=masker.mask(line.request)) for line in newest]
    if as_json:
        print_json(_as_json(line) for line in lines)
        return
    print_table(
        ("run", "status", "asked by", "where", "when", "request"),
        (
            (
                str(line.id), line.status.value, str(line.asked_by), write_place(line.where),
                write_age(line.created_at), shortened(line.request, 60),
            )
            for line in lines
        ),
        empty="No runs." if everything or status else "Nothing is being worked on. `mallard runs --all` shows what was.",
    )  # fmt: skip


def run(number: int, *, as_json: bool) -> None:
    """Print a run's timeline. Raises MallardError where there is no such run."""
    settings = settings_here()
    masker = masker_of(settings)

    async def read() -> tuple[Run, list[Event]]:
        async with open_database(settings) as database:
            run, found = load_run(database.reader, RunId(number)), list[Event]()
            while page := events.load_events(database.reader, run.id, after=found[-1].seq if found else 0):
                found.extend(page)
            return run, found

    try:
        run, found = run_async(read)
    except NotFound:
        raise MallardError(f"There is no run {number}. `mallard runs --all` shows them all.") from None
    if as_json:
        print_json(
            {"seq": event.seq, "type": event.type, "at": event.at, "body": masker.mask_value(event.body)}
            for event in found
        )
        return
    _print_run(run, found, masker)


def _print_run(run: Run, found: Iterable[Event], masker: Masker) -> None:
    asked = f"asked by {run.author_name or run.asked_by} in {write_place(run.where)}, {write_age(run.created_at)}"
    print(make_visible(f"Run {run.id} · {run.status} · {asked}\n  {shortened(masker.mask(run.request), 200)}"))
    for event in found:
        if words := tell(event):
            print(make_visible(f"  {write_time(event.at, seconds=True)}  {masker.mask(words)}"))
    if run.answer is not None or run.failure:
        print(make_prose_visible(masker.mask(run.answer or run.failure)))


def write_place(where: ConversationRef) -> str:
    return "/".join(part for part in (where.platform, where.space, where.channel, where.thread) if part)


def _read_statuses(status: str | None, *, everything: bool) -> Iterable[RunStatus | None]:
    if status is None:
        return (None,) if everything else _OPEN
    try:
        return (RunStatus(status.lower()),)
    except ValueError:
        raise MallardError(f"{status!r} is not a status. There are: {', '.join(RunStatus)}.") from None


def _as_json(line: RunLine) -> dict[str, object]:
    return {
        "id": line.id,
        "status": line.status,
        "asked_by": str(line.asked_by),
        "where": write_place(line.where),
        "direct": line.direct,
        "created_at": line.created_at,
        "request": line.request,
    }
