"""Running one call: marked before it starts, observed when it ends, and never guessed at in between."""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.changes import SAME_AS_BEFORE, planned_again
from runtime.charge import Charge
from runtime.errors import MallardError, StorageError
from runtime.facts import EventType, Fact
from runtime.intents import recorded
from runtime.live_output import Pace, showing_output
from runtime.policy import Policy
from runtime.ports import Clock, Platform
from runtime.presence import Presence
from runtime.proposals import Returned
from runtime.record_ports import Record
from runtime.records import (
    ApprovalKind,
    Effect,
    JsonObject,
    Lease,
    Observation,
    Requirement,
    Risk,
    Run,
    ToolCall,
    UserRef,
)
from runtime.standing import still_stands
from runtime.states import ApprovalStatus, CallState
from runtime.stopping import Stopped
from runtime.tools.gateway import OUT_OF_THE_REQUEST, Gateway, Stale, carrying_secrets
from runtime.tools.port import Assessment

STOPPED = Observation(
    ok=False, text="A person stopped this call while it ran. What it had done until then stays done.", error="stopped"
)
NOT_BEGUN = Observation(ok=False, text="A person stopped the run before this call began.", error="stopped")
_INTERRUPTED = "Mallard was interrupted while this call ran, so it may or may not have taken effect."
_TIMED_OUT = "This call did not end in time and was stopped, so it may or may not have taken effect."
_CUT_OFF = "The connection broke off while this call ran, so it may or may not have taken effect."
_UNCERTAIN = {"timed_out": _TIMED_OUT, "cut_off": _CUT_OFF, "outcome_unknown": ""}  # "": the observation says it


class Executor(Struct, frozen=True, kw_only=True):
    record: Record
    clock: Clock
    gateway: Gateway
    policy: Policy
    platforms: Mapping[str, Platform] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)

    async def execute(self, charge: Charge, run: Run, call: ToolCall, presence: Presence) -> Run:
        """Run a ready call, or find out what to do with one that an earlier worker had started."""
        lease = charge.lease
        if call.state is CallState.READY:
            shown_anew = await self._check_target(run, call) or await self._check_leave(run, call)
            if shown_anew is not None:
                return await self._ask_anew(lease, run, call, shown_anew)
            await self.record.mark_started(lease, call, self.clock.now())
        elif call.id in charge.may_have_run:
            await self.gateway.clear_up(call)
            if call.effect is Effect.EXTERNAL:
                return await self._ask_what_happened(charge, run, call, _INTERRUPTED, ())
        return await self._run(charge, run, call, presence)

    async def _check_target(self, run: Run, call: ToolCall) -> Assessment | None:
        """Looked at before the call is marked as started: a stale one goes back to people, unstarted."""
        stale = await self.gateway.check(call, run.workspace) if call.target else None
        return None if stale is None else stale.assessment

    async def _check_leave(self, run: Run, call: ToolCall) -> Assessment | None:
        """How a call looks that nobody has to be asked about when it was planned, and somebody has by now: a rule or a role
        was changed, a grant revoked, or an earlier call of the step read what this one could send out."""
        if self._is_approved(run, call):
            return None
        demand = self.policy.demand(recorded(call, run), run)
        wanted = demand.requirement
        if demand.denial or wanted is None or not self.policy.somebody_can_decide(wanted, run.asked_by):
            return None  # it is not run, and nobody is asked in vain
        reviewed = await self.gateway.review(call.tool, dict(call.arguments), run.workspace)
        is_same = reviewed.digest == call.digest and not reviewed.assessment.refusal
        return reviewed.assessment if is_same else None

    async def _run(self, charge: Charge, run: Run, call: ToolCall, presence: Presence) -> Run:
        lease, audits = charge.lease, list[Fact]()

        async def audit(body: JsonObject) -> None:
            audits.append(Fact(EventType.COMMAND_AUDIT, {"call": call.id, "digest": call.digest, **body}))

        key = f"{self.record.installation}.{call.id}.{call.attempt}"
        approved = self._is_approved(run, call)
        platform = self.platforms.get(run.where.platform) if presence.shows else None
        files = list[tuple[str, str]]()
        showing = showing_output(presence.stream, platform, run.where, call, key=f"{key}.o", pace=self.pace)
        try:
            with charge.stop.heeded():
                charge.may_have_run.add(call.id)
                async with showing as on_output:
                    observation = await self.gateway.run(
                        call,
                        run.workspace,
                        key=key,
                        approved=approved,
                        on_output=on_output,
                        audit=audit,
                        attach=lambda name, text: files.append((name, text)),
                        asked_by=run.asked_by,
                        run_id=run.id,
                        approved_by=self._who_said_yes(call),
                    )
        except Stopped:
            observation = STOPPED if call.id in charge.may_have_run else NOT_BEGUN
        except asyncio.CancelledError:
            # The worker shuts down. What was cut off in the middle is told as such; a repeatable call is simply repeated.
            if call.effect is Effect.EXTERNAL:
                await asyncio.shield(self._ask_what_happened(charge, run, call, _INTERRUPTED, tuple(audits)))
            elif audits:
                await asyncio.shield(self.record.record_outside(run.id, tuple(audits), self.clock.now()))
            raise
        if not approved and (why := self.policy.demand(recorded(call, run), run).denial):
            observation = Observation(ok=False, text=f"{why} Nothing was run.", error="not_approved")
        if isinstance(observation, Stale):
            observation = Observation(ok=False, text="What this call would change was changed just now.", error="stale")
        if observation.error in _UNCERTAIN and call.effect is Effect.EXTERNAL:
            why = _UNCERTAIN[observation.error] or observation.text
            return await self._ask_what_happened(charge, run, call, why, tuple(audits))
        now, facts = self.clock.now(), tuple(audits)
        charge.returned = Returned(call=call, observation=observation, facts=facts, at=now)
        run_now = await self._keeping(
            facts, charge, self.record.record_observation(lease, run, call, observation, now, facts=facts)
        )
        for name, text in files:
            comment = f"All that call {call.number} of {call.tool} (run {run.id}) said:"
            with contextlib.suppress(StorageError):  # the observation, which says most of it, is on record
                await self.record.owe_file(run, name=name, text=text, comment=comment, at=now)
        return run_now

    async def _keeping(self, audits: tuple[Fact, ...], charge: Charge, write: Awaitable[Run]) -> Run:
        """Await a write that holds these audits. Where it fails, say because the run has another worker by now, they
        are recorded without it: whatever was run was run. None is recorded twice."""
        try:
            return await write
        except MallardError:
            if audits:
                returned = charge.returned
                charge.returned = None if returned is None else replace(returned, facts=())
                try:
                    await self.record.record_outside(charge.run.id, audits, self.clock.now())
                except StorageError:
                    charge.returned = returned
            raise

    def _is_approved(self, run: Run, call: ToolCall) -> bool:
        """A person said yes, a standing grant still does, or the policy asks nobody, as rules and roles stand now."""
        intent = recorded(call, run)
        if self.policy.demand(intent, run).requirement is None:
            return True
        approval = self.record.find_approval_of(call.id)
        if approval is not None:
            return self.policy.allows(approval, intent, run)
        return still_stands(self.record, self.policy, intent, run, self.clock.now(), call.grant)

    def _who_said_yes(self, call: ToolCall) -> UserRef | None:
        """The person who saw what this call would do and let it run, None where it showed nothing or nobody was asked."""
        approval = self.record.find_approval_of(call.id) if call.target else None
        if approval is None or approval.decision is None or approval.kind is not ApprovalKind.PERMISSION:
            return None
        return approval.decision.by if approval.status is ApprovalStatus.APPROVED else None

    async def _ask_what_happened(
        self, charge: Charge, run: Run, call: ToolCall, why: str, facts: tuple[Fact, ...]
    ) -> Run:
        requirement = self.policy.who_was_there(recorded(call, run), run)
        return await self._keeping(
            facts,
            charge,
            self.record.record_unknown_outcome(charge.lease, call, requirement, self.clock.now(), why=why, facts=facts),
        )

    async def _ask_anew(self, lease: Lease, run: Run, call: ToolCall, shown: Assessment) -> Run:
        now, looks = self.clock.now(), _as_it_looks(call, shown)
        return await self.record.record_stale(
            lease,
            looks,
            now,
            requirement=self.policy.demand(recorded(looks, run), run).requirement or Requirement.REQUESTER,
            expires_at=self.policy.expires(now),
            preview=shown.preview,
            target=shown.target,
        )


def _as_it_looks(call: ToolCall, shown: Assessment) -> ToolCall:
    """The call in the words of now, never of less risk than it was."""
    now = carrying_secrets(shown) if call.why_asked.endswith(OUT_OF_THE_REQUEST) else shown
    now = planned_again(now, call) if call.why_asked.startswith(SAME_AS_BEFORE) else now
    return replace(
        call,
        risk=max(call.risk, now.risk, key=tuple(Risk).index),
        why_asked=now.why_asked,
        sends_out=call.sends_out or now.sends_out,
        each_time=call.each_time or now.each_time,
    )
