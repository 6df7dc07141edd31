"""A past of which something is to be forgotten: runs, what they said, and what was remembered of them."""

import random
from functools import partial
from typing import Any

from runtime.facts import EventType, Fact
from runtime.memory.records import MemoryId, Place
from runtime.proposals import Claimed, Ending, ProposedCall, Ruling
from runtime.records import DeliveryId, Run, UserRef
from storage.encoding import micros
from storage.events import append_outside
from storage.outbox import owe
from storage.reliances import record_reliances
from storage.transaction import Transaction
from tests.storage.desk import ALICE, READY, Desk, intake, message, proposal, thread
from tests.storage.memory.embedding import BagOfWords
from tests.storage.memory.shelf import HERS, fact

RARE = ("quokka", "zanzibar")  # as they are, and as the stemmer leaves them
TEXT = "The quokkas of Zanzibar deploy on Tuesday"


async def begun(desk: Desk, request: str, *, by: UserRef, after: Run | None) -> Claimed:
    desk._asked += 1
    said = message(f"m{desk._asked}", where=after.where if after else thread(desk._asked), text=request, author=by)
    await desk.store.receive(intake(said), desk.now, claim=False)
    return await desk.claim()


async def worked(
    desk: Desk,
    request: str,
    answer: str,
    *,
    by: UserRef = ALICE,
    relied: tuple[MemoryId, ...] = (),
    after: Run | None = None,
) -> Run:
    """A run from its request to its answer, delivered: in a conversation of its own, or in that of an earlier run."""
    claimed = await begun(desk, request, by=by, after=after)
    words = Fact(EventType.COGNITION_RESPONSE, {"role": "thinker", "text": answer})
    await desk.store.finish(
        claimed.lease, claimed.run, desk.now, ending=Ending.ANSWERED, text=answer, facts=(words,), streamed=False
    )
    await desk.write(lambda tx: record_reliances(tx, claimed.run.id, relied, desk.now))
    await desk.deliver()
    return claimed.run


def tells(ruling: Ruling = READY, **changes: Any) -> ProposedCall:
    """A call that tells of it wherever a call has words."""
    told: dict[str, Any] = {
        "arguments": {"command": f"echo '{TEXT}'", "options": [TEXT, "lunch"], "timeout_s": 5}, "digest": "cd" * 32,
        "reason": f"Because {TEXT}.", "why_asked": f"It says: {TEXT}", "preview": f"+ {TEXT}", "target": f"file: {TEXT}",
    }  # fmt: skip
    return proposal(ruling, **(told | changes))


async def planned(
    desk: Desk,
    call: ProposedCall,
    *,
    request: str = "please",
    by: UserRef = ALICE,
    relied: tuple[MemoryId, ...] = (),
    after: Run | None = None,
) -> Claimed:
    """A run with a step of this call: in a conversation of its own, or in that of an earlier run."""
    claimed = await begun(desk, request, by=by, after=after)
    run = await desk.store.record_step(
        claimed.lease, claimed.run, desk.now, text="a thought", calls=(call,), facts=(), relied=relied
    )
    return Claimed(lease=claimed.lease, run=run)


async def is_source(desk: Desk, memory_id: MemoryId, run: Run) -> None:
    """The memory was said in that run, too."""
    await desk.write(lambda tx: tx.execute("INSERT INTO memory_sources VALUES (?, ?)", (memory_id, run.id)))


async def remember(desk: Desk, text: str, place: Place = HERS, **changes: Any) -> MemoryId:
    kept = await desk.store.remember(fact(text, place, **changes), desk.now, vector=BagOfWords().vector_of(text))
    return kept.id


async def happened(desk: Desk, run: Run, type_: EventType, **body: Any) -> None:
    await desk.write(lambda tx: append_outside(tx, run.id, desk.now, [Fact(type_, body)]))


async def filled(desk: Desk) -> None:
    """A past that keeps the pages of the file moving: things come and go, short and long."""
    chance = random.Random(7)
    kept = list[MemoryId]()
    for number in range(150):
        length = chance.randrange(3, 60)
        kept.append(
            await remember(desk, f"note {number} " + " ".join(f"w{chance.randrange(500)}" for _ in range(length)))
        )
        if number % 10 == 0:
            run = await worked(desk, f"please, {number} " * chance.randrange(1, 40), "Done. " * chance.randrange(1, 40))
            await happened(desk, run, EventType.COGNITION_RESPONSE, role="critic", text="word " * chance.randrange(200))
        if number % 3 == 0:
            gone = kept.pop(chance.randrange(len(kept)))
            await desk.write(partial(remove, gone))


def remove(memory_id: MemoryId, tx: Transaction) -> None:
    tx.execute("DELETE FROM memories WHERE id = ?", (memory_id,))


async def concluded(desk: Desk, run: Run, lesson: MemoryId) -> None:
    sql = "INSERT INTO experiences VALUES (?, ?, 1, ?, 'all', 'none', 0.5, ?)"
    await desk.write(lambda tx: tx.execute(sql, (run.id, lesson, f"It was about this: {TEXT}", micros(desk.now))))


async def summarised(desk: Desk, run: Run) -> None:
    sql = "INSERT INTO summaries VALUES (?, ?, ?, ?, ?)"
    row = (desk.run(run).conversation_id, run.id, run.id, f"She said: {TEXT}", micros(desk.now))
    await desk.write(lambda tx: tx.execute(sql, row))


async def tell(desk: Desk, markdown: str, to: UserRef = ALICE) -> DeliveryId:
    body = {"markdown": markdown}
    owed = await desk.write(lambda tx: owe(tx, desk.now, kind="page", conversation_id=1, person=str(to), body=body))
    await desk.deliver()
    return DeliveryId(owed)
