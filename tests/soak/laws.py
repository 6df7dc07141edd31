"""What must be true of a soak: at any moment, and once all is at rest. Each law yields what breaks it, in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from tests.soak.jobs import Job, find_job, marks_in, marks_of
from tests.stories.books import Page
from tests.stories.sides.side import Asked, Side, SideName, Standing

T = TypeVar("T")
_STOPPED = "Stopped"
_SETTLED = {"approved", "denied", "changes_requested", "answered"}


class Scene(Struct, frozen=True, kw_only=True):
    """Everything that can be looked at: what was asked, what is on record, what the calls left, what stands where."""

    jobs: Mapping[int, Job]
    asked: Mapping[int, Asked]
    sides: Mapping[SideName, Side]
    standing: Mapping[SideName, list[Standing]]
    ledger: Sequence[int]
    page: Page
    intrusions: int
    is_at_rest: bool
    logs: Mapping[str, str]
    at_terminal: Sequence[tuple[str, int]]


def broken_now(scene: Scene) -> list[str]:
    """The laws that hold at any moment."""
    return [*_twice(scene), *_misplaced(scene), *_unanswered(scene), *_breaches(scene)]


def broken_at_rest(scene: Scene) -> list[str]:
    """All of them."""
    return [*broken_now(scene), *_lost(scene), *_undone(scene), *_open(scene), *_unrecorded(scene)]


def _twice(scene: Scene) -> Iterator[str]:
    """A message is one run, a call runs once, a card and each part of an answer stand once."""
    yield from (
        f"{request!r} became {count} runs" for request, count in _repeated(run.request for run in scene.page.runs)
    )
    yield from (f"the call of job {job} ran {count} times" for job, count in _repeated(scene.ledger))
    said = [each for standing in scene.standing.values() for each in standing]
    yield from (
        f"the card of approval {card} stands {count} times"
        for card, count in _repeated(each.card for each in said if each.card)
    )
    marks = (mark for each in said for mark in marks_in(each.text))
    yield from (f"part {mark} of an answer stands {count} times" for mark, count in _repeated(marks))


def _misplaced(scene: Scene) -> Iterator[str]:
    """Answers stand in the conversation that asked, and so do cards."""
    jobs_of = {run.id: find_job(run.request) for run in scene.page.runs}
    asked = {approval.id: jobs_of[approval.run] for approval in scene.page.approvals if approval.run in jobs_of}
    for name, standing in scene.standing.items():
        for said in standing:
            numbers = {number for number, _ in marks_in(said.text)}
            if said.card and (found := asked.get(said.card)):
                numbers.add(found[0])
            for number in numbers:
                job = scene.jobs[number]
                if job.side != name or scene.asked[number].place != said.place:
                    yield f"{job.request!r} was asked on {job.side}, and this stands on {name} in {said.place}: {said.text[:300]}"


def _breaches(scene: Scene) -> Iterator[str]:
    for name, side in scene.sides.items():
        yield from (f"{name}: {breach}" for breach in side.breaches)
        for who in ("bob", "carol", "mallory"):
            told, clicks = len(getattr(side, who).ephemerals), side.clicks[who]
            if told > clicks:
                yield f"{who} on {name} was told {told} things after {clicks} clicks"
    yield from (f"the trail: {fault}" for fault in scene.page.faults_of_trail)
    yield from (f"`mallard {words}` ended with {status}" for words, status in scene.at_terminal if status not in (0, 1))
    yield from (f"`mallard {name}` wrote of a fault of ours" for name, log in scene.logs.items() if "Traceback" in log)


def _lost(scene: Scene) -> Iterator[str]:
    """Every message became a run, which came to an end."""
    asked = {job.request for job in scene.jobs.values()}
    known = {run.request for run in scene.page.runs}
    yield from (f"{request!r} was lost" for request in sorted(asked - known))
    yield from (f"{request!r} was never said" for request in sorted(known - asked))
    for run in scene.page.runs:
        if run.status not in ("completed", "cancelled"):
            yield f"run {run.id} ({run.request}) ended as {run.status}: {run.failure}"


def _undone(scene: Scene) -> Iterator[str]:
    """What was approved was done, and nothing else."""
    jobs = {run.id: find_job(run.request) for run in scene.page.runs}
    done = set(scene.ledger)
    permitted: set[int] = set()
    doubtful: set[int] = set()
    for approval in scene.page.approvals:
        found = jobs[approval.run]
        assert found is not None
        if approval.kind == "permission" and approval.status == "approved":
            permitted.add(found[0])
        if approval.kind == "outcome" and approval.verdict == "mark_failed":
            doubtful.add(found[0])
    stopped = {find_job(run.request)[0] for run in scene.page.runs if run.status == "cancelled"}  # type: ignore[index]
    yield from (f"job {number} was done, and nobody allowed it" for number in sorted(done - permitted))
    yield from (
        f"job {number} was allowed, and is not done" for number in sorted(permitted - done - doubtful - stopped)
    )


def _unanswered(scene: Scene) -> Iterator[str]:
    """What is said to be answered is, as a whole and for good; and in the end every completed run is. The last words of a
    run that was stopped say that, and nothing else."""
    said = [each for standing in scene.standing.values() for each in standing]
    stands = {mark for each in said for mark in marks_in(each.text)}
    stopped_in = {each.place for each in said if not each.card and _STOPPED in each.text}
    for run in scene.page.runs:
        found = find_job(run.request)
        if found is None:
            continue
        is_said = run.id in scene.page.answered
        if run.status == "cancelled":
            if is_said and scene.asked[found[0]].place not in stopped_in:
                yield f"{run.request!r} was stopped, and nothing says so where it was asked"
            if is_said and (left := set(marks_of(*found)) & stands):
                yield f"{run.request!r} was stopped, and {len(left)} parts of its answer still stand"
        elif (is_said or (scene.is_at_rest and run.status == "completed")) and (
            missing := set(marks_of(*found)) - stands
        ):
            yield f"of the answer to {run.request!r} {len(missing)} parts are missing: {sorted(missing)[:3]}"


def _open(scene: Scene) -> Iterator[str]:
    """Every approval has its card, which is closed, and says who decided."""
    cards = {each.card: each for standing in scene.standing.values() for each in standing if each.card}
    for approval in scene.page.approvals:
        card = cards.get(approval.id)
        if card is None:
            if approval.status in _SETTLED:
                yield f"approval {approval.id} has no card"
        elif card.is_open:
            yield f"the card of approval {approval.id} is still open: {card.text}"
        elif approval.status in _SETTLED and f"by {approval.by}".lower() not in card.text.lower():
            yield f"the card of approval {approval.id} does not say that {approval.by} decided: {card.text}"


def _unrecorded(scene: Scene) -> Iterator[str]:
    """Each decision is one event, and so is each click that was refused."""
    settled = sum(approval.status in _SETTLED for approval in scene.page.approvals)
    decisions = sum(bool(approval.verdict) for approval in scene.page.approvals)
    if not settled == decisions == scene.page.decided:
        yield f"{settled} approvals are settled by {decisions} decisions and {scene.page.decided} events"
    told = sum(len(side.mallory.ephemerals) for side in scene.sides.values())
    if not told <= scene.page.refused <= scene.intrusions:
        yield f"of {scene.intrusions} clicks of a stranger {told} were refused, and {scene.page.refused} are on record"


def _repeated(things: Iterable[T]) -> list[tuple[T, int]]:
    return [(thing, count) for thing, count in Counter(things).items() if count > 1]
