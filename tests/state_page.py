"""docs/state-machine.md, rendered from the tables of `runtime.states`: `python -m tests.state_page` writes it."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from runtime.states import AFTERTHOUGHT, APPROVAL, CALL, DELIVERY, LINK, RUN, S, Table, is_terminal

PAGE = Path(__file__).parents[1] / "docs" / "state-machine.md"

_HEAD = """\
# State machines

This page is rendered from `runtime/states.py` by `python -m tests.state_page`; a test holds the two equal.

Each machine is one table of (status, trigger) → status. The SQL that changes a status takes both ends of the change from
that table: a trigger that meets any other status changes nothing, and whoever fired it is told so. The columns have CHECKs
with the same lists, so that a status which is not on this page cannot be written at all.

A status printed **bold** is an end: nothing follows it.
"""


class Machine(Struct, frozen=True, kw_only=True):
    """A table, how its first statuses come to be, and what each trigger means."""

    title: str
    intro: str
    table: Table
    born: dict[str, str]
    meaning: dict[str, str]


MACHINES = (
    Machine(
        title="Run",
        intro=(
            "One request worked to an end. Only a *running* run occupies its conversation, and there is one at most: a "
            "unique index holds that. A lease stands exactly while a run is running."
        ),
        table=RUN,
        born={
            "queued": "a message was received and its turn has not come",
            "running": "a message was received, nobody was before it, and a worker had room",
        },
        meaning={
            "claimed": "a worker takes it, with a lease",
            "suspended": "its next call is a person's to decide, looked at once more inside the transaction",
            "settled": "a person decided, and nothing more has to be decided before it can go on",
            "released": "the worker shuts down, or the model is away and is tried again later",
            "lease_expired": "its worker died, fell silent or met a fault: one attempt more is counted",
            "exhausted": "its worker died once too often; a call whose outcome is unknown is named",
            "answered": "the answer is committed and owed to the conversation",
            "gave_up": "it cannot be done: the model refused, or stayed away for too long",
            "expired": "nobody decided in time",
            "asked_again": "somebody asked for new cards for the same stored calls",
            "forgotten": "what its calls tell of is forgotten, so that nobody can be asked about them any more",
            "cancelled": "a person stopped it; a running one ends once its worker has cleaned up",
        },
    ),
    Machine(
        title="Approval",
        intro=(
            "A question to people about one call. The first decision wins, whoever clicks and wherever; a late one is told "
            "what stands. The time is checked in the statement that settles, so no click slips in behind an expiry."
        ),
        table=APPROVAL,
        born={"pending": "a call was recorded that needs a person's word, or its outcome became unknown"},
        meaning={
            "approved": "somebody who may decide said yes",
            "denied": "somebody who may decide said no",
            "changes_requested": "somebody said what should be different; the planner proposes again",
            "answered": "a question, or what became of a call, was answered",
            "expired": "its time passed",
            "withdrawn": "a sibling was sent back or ran out, or the run ended: it need not be decided any more",
        },
    ),
    Machine(
        title="Tool call",
        intro=(
            "What the planner asked for is a row that is never changed as long as its run can go on; its state is another row. "
            "Calls of a step run in the order in which they were asked: one starts only when all before it are observed."
        ),
        table=CALL,
        born={
            "ready": "the policy lets it run, or a grant covers it",
            "awaiting_approval": "the policy asks people",
            "denied": "the policy refuses it",
        },
        meaning={
            "allowed": "the policy lets it run, or a grant covers it",
            "asked": "the policy asks people",
            "refused": "the policy refuses it",
            "approved": "a person said yes",
            "denied": "a person said no",
            "changes_requested": "a person said what should be different",
            "answered": "it was a question, and what a person said is what came of it",
            "withdrawn": "it is not to be run any more, and the planner is told so",
            "stale": "what it would change is not what was shown, or what let it run does not any more: a new card asks",
            "started": "the last thing before the tool runs: compare-and-set, so that it runs once",
            "put_back": "the worker that it was marked for never began it, and gives the run back",
            "observed": "what came of it, or what a person said of it, is on record",
            "lost": "it may or may not have taken effect: a person is asked",
            "retried": "a person wants it run again: a new attempt with a new idempotency key",
        },
    ),
    Machine(
        title="Delivery",
        intro=(
            "A message owed to a conversation. It is owed in the transaction of what it tells, and marked as being sent before "
            "it is: one that is found there after a crash is looked up on its platform before it is sent again."
        ),
        table=DELIVERY,
        born={
            "owed": "something is to be said",
            "sending": "an answer is streamed by the worker that writes it",
        },
        meaning={
            "claimed": "a courier takes it",
            "superseded": "a newer update, or a plainer copy, of the same card takes its place",
            "sent": "it stands on its platform",
            "deferred": "not now: it is tried again later, or in a plainer form, or by another courier",
            "refused": "nothing more can be tried; somebody is told",
        },
    ),
    Machine(
        title="Afterthought",
        intro=(
            "What is done for a run after its end: a row of its own for each kind, `memory`, `reflection` and `summary`. It is "
            "released when its process stops or dies, and for another attempt; after three it failed."
        ),
        table=AFTERTHOUGHT,
        born={"owed": "the run ended"},
        meaning={
            "claimed": "a worker takes it",
            "done": "it is finished",
            "released": "its worker is gone or shuts down, or it is tried again after a pause",
            "failed": "it was tried often enough, or the model will not do it",
        },
    ),
    Machine(
        title="Link request",
        intro=(
            "Somebody says that two accounts are one person's, and one of them has to agree. It has no row: its status follows "
            "from the chained facts about who is whom, and what cannot follow from them is not believed."
        ),
        table=LINK,
        born={"open": "somebody said so, and it takes another account's word"},
        meaning={
            "confirmed": "the account that was asked said yes, and the two are linked",
            "refused": "the account that was asked said no",
            "expired": "nobody answered for a day",
            "withdrawn": "it was taken back, needs somebody else's word by now, or they are one person already",
        },
    ),
)


def render(machines: Iterable[Machine] = MACHINES) -> str:
    """The whole page. Pure. Raises KeyError for a trigger without a meaning."""
    return "\n".join([_HEAD, *(_machine(machine) for machine in machines)])


def _machine(machine: Machine) -> str:
    rows = [f"| — | *{why}* | {_shown(machine.table, status)} |" for status, why in machine.born.items()]
    rows += [
        f"| {before.value} | `{trigger}`: {machine.meaning[trigger]} | {_shown(machine.table, after)} |"
        for (before, trigger), after in machine.table.items()
    ]
    table = "\n".join(["| from | trigger | to |", "|---|---|---|", *rows])
    return f"## {machine.title}\n\n{machine.intro}\n\n```mermaid\n{_diagram(machine)}\n```\n\n{table}\n"


def _shown(table: Table[S], status: S | str) -> str:
    known = next(each for pair in table.items() for each in (pair[0][0], pair[1]) if each.value == str(status))
    return f"**{known.value}**" if is_terminal(table, known) else known.value


def _diagram(machine: Machine) -> str:
    lines = [f"    [*] --> {status}" for status in machine.born]
    lines += [f"    {before.value} --> {after.value}: {trigger}" for (before, trigger), after in machine.table.items()]
    ends = dict.fromkeys(after for after in machine.table.values() if is_terminal(machine.table, after))
    lines += [f"    {after.value} --> [*]" for after in ends]
    return "\n".join(["stateDiagram-v2", *lines])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
