"""A worker goes on from the run that a write hands on, without reading it again: it is the run that the record has."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.moves import End, Execute, Observe, Recover, Suspend, next_move
from runtime.proposals import Claimed, ProposedCall
from runtime.records import ApprovalKind, Attachment, Effect, Observation, Requirement, ToolCall, Verdict
from runtime.states import RunStatus
from tests.storage.desk import ALICE, EVERYWHERE, READY, REFUSED, Desk, asks, intake, message, open_desk, proposal, says

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
OBSERVATIONS = st.builds(
    Observation, ok=st.booleans(), text=WORDS, error=WORDS, metadata=st.dictionaries(WORDS, JSON, max_size=2)
)


class Walk:
    """One run on a way that chance picks. `check` compares what was handed on with what the record has by then."""

    def __init__(self, desk: Desk, data: st.DataObject, claimed: Claimed) -> None:
        self.desk, self.data, self.claimed = desk, data, claimed
        self.steps = 0

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self.data.draw(strategy)

    async def hand_on(self, claimed: Claimed | Any) -> None:
        self.claimed = claimed if isinstance(claimed, Claimed) else replace(self.claimed, run=claimed)
        await self.desk.commit()
        assert self.claimed.run == self.desk.run(self.claimed.run), f"after {self.steps} steps"

    async def go_on(self) -> None:
        """The next write of a worker, with whatever people do right before it."""
        self.steps += 1
        await self._let_people_decide()
        match next_move(self.claimed.run, max_steps=1_000):
            case Execute(call):
                await self._execute(call)
            case Recover(call) if self.draw(st.booleans()):
                await self._lose(call)
            case Recover(call) | Observe(call):
                await self._observe(call)
            case Suspend():
                await self.hand_on(await self.desk.store.suspend(self.claimed.lease, self.desk.now))
            case End():
                await self._be_taken_up_again()
            case _:
                await self._do_something_new()

    async def _let_people_decide(self) -> None:
        pending = self.desk.store.list_pending(run_id=self.claimed.run.id)
        if self.claimed.run.status is RunStatus.RUNNING and pending and self.draw(st.booleans()):
            await self._decide(claim=False)

    async def _decide(self, *, claim: bool) -> Claimed | None:
        number = self.draw(st.sampled_from(self.desk.store.list_pending(run_id=self.claimed.run.id)))
        outcome = self.desk.approval(number).kind is ApprovalKind.OUTCOME
        verdicts = (Verdict.MARK_DONE, Verdict.RETRY) if outcome else (Verdict.APPROVE, Verdict.DENY, Verdict.CHANGE)
        decision = says(self.draw(st.sampled_from(verdicts)), at=self.desk.now, comment=self.draw(WORDS))
        return (await self.desk.store.settle(number, decision, grant=None, claim=claim)).claimed

    async def _execute(self, call: ToolCall) -> None:
        store, lease, now = self.desk.store, self.claimed.lease, self.desk.now
        if self.draw(st.booleans()):
            run = await store.record_stale(
                lease, call, now, requirement=Requirement.APPROVERS, expires_at=None, preview="new", target="other"
            )
            await self.hand_on(run)
            return
        await store.mark_started(lease, call, now)
        await self._observe(call)

    async def _observe(self, call: ToolCall) -> None:
        run = await self.desk.store.record_observation(
            self.claimed.lease, self.claimed.run, call, self.draw(OBSERVATIONS), self.desk.now
        )
        await self.hand_on(run)

    async def _lose(self, call: ToolCall) -> None:
        run = await self.desk.store.record_unknown_outcome(
            self.claimed.lease, call, Requirement.APPROVERS, self.desk.now, why="it was cut off", facts=()
        )
        await self.hand_on(run)

    async def _do_something_new(self) -> None:
        match self.draw(st.sampled_from(["plan", "plan", "plan", "be given back", "fetch"])):
            case "plan":
                await self._plan()
            case "fetch":
                await self._fetch()
            case _:
                await self._be_given_back()

    async def _plan(self) -> None:
        if self.draw(st.integers(0, 9)) == 0:
            await self.desk.store.cancel(self.claimed.run.id, self.desk.now, by=ALICE)
            calls = self._some_calls()  # with a plain step nobody looks; the worker feels its stop button instead
        else:
            calls = self._some_calls() if self.draw(st.integers(0, 4)) else ()
        run = await self.desk.store.record_step(
            self.claimed.lease, self.claimed.run, self.desk.now, text=self.draw(WORDS), calls=calls, facts=()
        )
        await self.hand_on(run)

    def _some_calls(self) -> tuple[ProposedCall, ...]:
        rulings = st.sampled_from([READY, REFUSED, asks(), asks(until=self.desk.now + timedelta(hours=1))])
        call = st.builds(
            proposal, rulings, effect=st.sampled_from(Effect), arguments=st.dictionaries(WORDS, JSON, max_size=2),
            reason=WORDS, why_asked=WORDS, preview=WORDS, target=WORDS,
        )  # fmt: skip
        return tuple(self.draw(st.lists(call, min_size=1, max_size=3)))

    async def _fetch(self) -> None:
        files = (Attachment(name=self.draw(WORDS), media_type="text/plain", size=1, text=self.draw(WORDS)),)
        await self.hand_on(await self.desk.store.record_attachments(self.claimed.lease, files))

    async def _be_given_back(self) -> None:
        away = self.desk.now if self.draw(st.booleans()) else None
        await self.desk.store.release(
            self.claimed.lease, self.desk.now, may_have_run=frozenset(), not_before=away, model_away_since=away
        )
        (claimed,) = await self.desk.store.claim(self.desk.now, platforms=EVERYWHERE, limit=1)
        await self.hand_on(claimed)

    async def _be_taken_up_again(self) -> None:
        """It waits: people decide until it need not any more, and who decides last takes it up."""
        claimed = None
        while claimed is None:
            claimed = await self._decide(claim=True)
        await self.hand_on(claimed)


async def walk(data: st.DataObject, path: Path) -> None:
    async with open_desk(path, synchronous="NORMAL") as desk:
        received = await desk.store.receive(intake(message(text=data.draw(WORDS))), desk.now, claim=True)
        assert received.run is not None
        assert received.lease is not None
        way = Walk(desk, data, Claimed(lease=received.lease, run=received.run))
        await way.hand_on(received.run)
        for _ in range(data.draw(st.integers(1, 12))):
            if way.claimed.run.cancel_requested:
                break
            await way.go_on()
        assert desk.breaks() == []


@settings(max_examples=80)
@given(data=st.data())
def test_the_run_that_a_write_hands_on_is_the_run_that_the_record_has(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(walk(data, Path(folder) / "mallard.db"))
