"""The last words of a run: the thinker's answer, shown while it is written, committed once, and then made exact."""

import asyncio
import time

from msgspec import Struct

from runtime.charge import Charge
from runtime.context import ContextBuilder
from runtime.earlier import Earlier
from runtime.errors import ModelError
from runtime.facts import Fact, cognition_response, model_call_failed, model_call_finished, model_call_started
from runtime.memory.reminding import shown_in
from runtime.models.port import Delta, Model, ModelReply, ModelRequest, Role
from runtime.policy import advice_in
from runtime.ports import Clock
from runtime.presence import Presence
from runtime.proposals import Ending
from runtime.record_ports import Record
from runtime.records import DeliveryId, DeniedBy, MessageRef, Run
from runtime.states import RunStatus
from runtime.steadiness import insist

NO_PLAN = "(no usable plan)"

_LIMITED = "The step limit of this run is reached: answer with what there is, and say what is left undone."
_DENIED = "A person denied a call. Say that it was denied and was not done; do not suggest a way around it."
_UNPLANNED = (
    "No usable plan could be made for this request, so no tools were used. Say so, and answer as far as you can."
)


class Answerer(Struct, frozen=True, kw_only=True):
    record: Record
    clock: Clock
    model: Model
    context: ContextBuilder
    earlier: Earlier

    async def answer(
        self,
        charge: Charge,
        run: Run,
        presence: Presence,
        *,
        facts: tuple[Fact, ...],
        limited: bool,
    ) -> RunStatus:
        """Let the thinker answer, and end the run with it. Raises ModelUnavailable, ModelRefused, Stopped, or MemoryGone: then
        nothing was said, and what was shown of it is replaced by the next answer.

        Stopped only while the thinker thinks: an answer that is being committed is given.
        """
        notes = _notes(run, limited=limited)
        with charge.stop.thinking():
            recalled, turns, now = await self.earlier.recalled(charge), self.earlier.turns(charge), self.clock.now()
            messages = self.context.for_answer(run, turns, notes=notes, now=now, recalled=recalled)
            request = ModelRequest(role=Role.THINKER, messages=messages, reasoning=run.reasoning)
            is_fresh = await self._open(charge, presence)
            reply = await self._ask(request, presence if is_fresh else None, facts)
        text = reply.text.strip() + _advice(run, reply.text) + self._pointers(run)
        said = (*facts, model_call_started(Role.THINKER), model_call_finished(Role.THINKER, reply), _spoken(reply))
        streamed = charge.streaming is not None
        legacy = self.earlier.legacy(charge, Ending.ANSWERED, relied=shown_in(messages, recalled))
        delivery = await self.record.finish(
            charge.lease,
            run,
            self.clock.now(),
            ending=Ending.ANSWERED,
            text=text,
            facts=said,
            streamed=streamed,
            legacy=legacy,
        )
        charge.let_go = True
        if streamed:
            await self._make_exact(delivery, text, presence)
        return RunStatus.COMPLETED

    async def _make_exact(self, delivery: DeliveryId, text: str, presence: Presence) -> None:
        """Let the streamed message say what was committed. Whatever cuts this off, the courier takes over."""
        exact = False
        try:
            exact = await presence.stream.finish_answer(text)
        finally:
            now = self.clock.now()
            settle = self.record.settle_sent if exact else self.record.hand_over
            await asyncio.shield(insist(lambda: settle(delivery, now)))

    async def _open(self, charge: Charge, presence: Presence) -> bool:
        """Whether the answer is shown while it is written: once, from its first word on."""
        if not presence.shows:
            return False
        opened = await self.record.open_answer(charge.lease, self.clock.now())
        if opened.fresh:
            charge.streaming = opened.delivery

            async def posted(message: MessageRef) -> None:
                await self.record.record_answer_posted(opened.delivery, message)

            await presence.stream.begin_answer(f"{self.record.installation}.{opened.delivery}", posted)
        return opened.fresh

    async def _ask(self, request: ModelRequest, presence: Presence | None, facts: tuple[Fact, ...]) -> ModelReply:
        started = time.monotonic()
        try:
            if presence is None:
                return await self.model.complete(request)
            async for piece in self.model.stream(request):
                match piece:
                    case Delta(text=text) if text:
                        await presence.stream.append(text)
                    case ModelReply():
                        return piece
            raise AssertionError("a model's stream ended without its reply")
        except ModelError as error:
            latency = round((time.monotonic() - started) * 1000)
            error.facts = (
                *facts,
                model_call_started(Role.THINKER),
                model_call_failed(Role.THINKER, str(error), latency),
            )
            raise

    def _pointers(self, run: Run) -> str:
        """A line for each card of the conversation that still waits: an ordinary message never answers it."""
        pending = self.record.list_pending(conversation_id=run.conversation_id)
        if not pending:
            return ""
        names = ", ".join(str(approval) for approval in pending[:5])
        one = len(pending) == 1
        return (
            f"\n\n_{'Approval' if one else 'Approvals'} {names} {'is' if one else 'are'} still waiting for a decision._"
        )


def _advice(run: Run, said: str) -> str:
    """The exact setting that is missing, word for word: no model is trusted with passing it on."""
    return "".join(f"\n\n{advice}" for advice in advice_in(run) if advice not in said)


def _notes(run: Run, *, limited: bool) -> tuple[str, ...]:
    notes = []
    if limited:
        notes.append(_LIMITED)
    if any(call.denial and call.denial.by is DeniedBy.PERSON for step in run.steps for call in step.calls):
        notes.append(_DENIED)
    if run.steps and run.steps[-1].text == NO_PLAN:
        notes.append(_UNPLANNED)
    return tuple(notes)


def _spoken(reply: ModelReply) -> Fact:
    return cognition_response(Role.THINKER, reply)
