"""What people look at: lists and timelines made from the record. Who may see what is decided before these are called."""

from collections.abc import Sequence
from datetime import datetime

from runtime.archive import Archive
from runtime.contents import Entry, Page
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.proposals import RunLine
from runtime.records import Approval, Run
from runtime.showing import begun, shortened
from runtime.telling import tell
from runtime.tokens import Token

PAGE = 10
TIMELINE = 40
_GIST = 120


def history_page(
    lines: Sequence[RunLine], *, newer: bool, older: bool, title: str, masker: Masker = NOTHING_OF_OURS
) -> Page:
    """A page of runs, newest first; its tokens are commands."""
    entries = tuple(
        Entry(
            text=f"run {line.id} · {line.status} · {_time(line.created_at)}",
            detail=shortened(masker.mask(line.request), _GIST),
            token=f"run {line.id}",
        )
        for line in lines
    )
    return Page(
        title=title,
        entries=entries,
        note="" if entries else "No runs yet.",
        older=f"history before {lines[-1].id}" if older and lines else "",
        newer=f"history after {lines[0].id}" if newer and lines else "",
    )


def pending_page(
    pending: Sequence[tuple[Approval, Run]], *, installation: str, masker: Masker = NOTHING_OF_OURS
) -> Page:
    """Each entry's token opens its card, with what is secret masked."""
    entries = tuple(
        Entry(
            text=f"approval {approval.id} · {_tool(approval, run)} · run {run.id}",
            detail=f"{_gist(approval, run, masker)}asked by {run.author_name or run.asked_by} on {_time(approval.requested_at)}"
            f"{_until(approval)}",
            token=str(Token(installation=installation, approval_id=approval.id, verb="open")),
        )
        for approval, run in pending
    )
    note = (
        "Write `approve <id>`, `deny <id>: <why>`, `change <id>: <what>` or, to a question, `answer <id>: <words>`; "
        "or decide on the card itself."
        if entries
        else "Nothing waits for a decision."
    )
    return Page(title="Pending approvals", entries=entries, note=note)


def timeline_of(record: Archive, run: Run, *, after: int = 0, masker: Masker = NOTHING_OF_OURS) -> Page:
    """What happened in a run, in order, as its events tell it."""
    events = record.load_events(run.id, after=after, limit=TIMELINE + 1)
    shown = events[:TIMELINE]
    request = shortened(masker.mask(run.request), _GIST)
    told = ((event, tell(event)) for event in shown)
    entries = tuple(
        Entry(text=f"{event.at:%Y-%m-%d %H:%M:%S} UTC · {masker.mask(words)}") for event, words in told if words
    )
    return Page(
        title=f"Run {run.id} · {run.status}",
        entries=entries,
        note=f"Asked by {run.author_name or run.asked_by} on {_time(run.created_at)}: {request}",
        older=f"run {run.id} after {shown[-1].seq}" if len(events) > TIMELINE else "",
        newer=f"run {run.id}" if after else "",
    )


def _tool(approval: Approval, run: Run) -> str:
    call = run.find_call(approval.call_id)
    return call.tool if call else "?"


def _gist(approval: Approval, run: Run, masker: Masker) -> str:
    """The call in a line of its own: its first argument, as a rule the command or the path."""
    call = run.find_call(approval.call_id)
    first = next(iter(call.arguments.values()), None) if call else None
    return f"{begun(masker.mask(str(first)), _GIST)}\n" if first is not None else ""


def _until(approval: Approval) -> str:
    return f", expires on {_time(approval.expires_at)}" if approval.expires_at else ""


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
