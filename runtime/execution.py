"""Running one call: marked before it starts, observed when it ends, and never guessed at in between."""

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass

from runtime.charge import Charge
from runtime.errors import MallardError, StorageError
from runtime.facts import EventType, Fact
from runtime.policy import Policy, subjects_of
from runtime.ports import Clock, Stream
from runtime.presence import Presence
from runtime.record_ports import Record
from runtime.records import Effect, JsonObject, Lease, Observation, Requirement, Run, ToolCall
from runtime.states import ApprovalStatus, CallState
from runtime.stopping import Stopped
from runtime.tools.gateway import Gateway, Stale
from runtime.tools.port import OnOutput

STOPPED = Observation(
    ok=False, text="A person stopped this call while it ran. What it had done until then stays done.", error="stopped"
)
NOT_BEGUN = Observation(ok=False, text="A person stopped the run before this call began.", error="stopped")
_INTERRUPTED = "Mallard was interrupted while this call ran, so it may or may not have taken effect."
_TIMED_OUT = "This call did not end in time and was stopped, so it may or may not have taken effect."


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    record: Record
    clock: Clock
    gateway: Gateway
    policy: Policy

    async def execute(self, charge: Charge, run: Run, call: ToolCall, presence: Presence) -> Run:
        """Run a ready call, or find out what to do with one that an earlier worker had started."""
        lease = charge.lease
        if call.state is CallState.READY:
            stale = await self._check_target(run, call)
            if stale is not None:
                return await self._ask_anew(lease, run, call, stale)
            await self.record.mark_started(lease, call, self.clock.now())
        elif call.id in charge.may_have_run and call.effect is Effect.EXTERNAL:
            return await self._ask_what_happened(lease, run, call, _INTERRUPTED, ())
        return await self._run(charge, run, call, presence)

    async def _check_target(self, run: Run, call: ToolCall) -> Stale | None:
        """Looked at before the call is marked as started: a stale one goes back to people, unstarted."""
        return await self.gateway.check(call, run.workspace) if call.target else None

    async def _run(self, charge: Charge, run: Run, call: ToolCall, presence: Presence) -> Run:
        lease, audits = charge.lease, list[Fact]()

        async def audit(body: JsonObject) -> None:
            audits.append(Fact(EventType.COMMAND_AUDIT, {"call": call.id, "digest": call.digest, **body}))

        key = f"{self.record.installation}.{call.id}.{call.attempt}"
        approved = self._is_approved(run, call)
        try:
            with charge.stop.heeded():
                charge.may_have_run.add(call.id)
                observation = await self.gateway.run(
                    call,
                    run.workspace,
                    key=key,
                    approved=approved,
                    on_output=_last_line_to(presence.stream, call),
                    audit=audit,
                    asked_by=run.asked_by,
                    run_id=run.id,
                )
        except Stopped:
            observation = STOPPED if call.id in charge.may_have_run else NOT_BEGUN
        except asyncio.CancelledError:
            # The worker shuts down. What was cut off in the middle is told as such; a repeatable call is simply repeated.
            if call.effect is Effect.EXTERNAL:
                await asyncio.shield(self._ask_what_happened(lease, run, call, _INTERRUPTED, tuple(audits)))
            elif audits:
                await asyncio.shield(self.record.record_outside(run.id, tuple(audits), self.clock.now()))
            raise
        if isinstance(observation, Stale):
            observation = Observation(ok=False, text="What this call would change was changed just now.", error="stale")
        if observation.error in ("timed_out", "outcome_unknown") and call.effect is Effect.EXTERNAL:
            why = _TIMED_OUT if observation.error == "timed_out" else observation.text
            return await self._ask_what_happened(lease, run, call, why, tuple(audits))
        now, facts = self.clock.now(), tuple(audits)
        return await self._keeping(
            facts, run, self.record.record_observation(lease, run, call, observation, now, facts=facts)
        )

    async def _keeping(self, audits: tuple[Fact, ...], run: Run, write: Awaitable[Run]) -> Run:
        """Await a write that holds these audits. Where it fails, say because the run has another worker by now, they
        are recorded without it: whatever was run was run."""
        try:
            return await write
        except MallardError:
            if audits:
                with contextlib.suppress(StorageError):
                    await self.record.record_outside(run.id, audits, self.clock.now())
            raise

    def _is_approved(self, run: Run, call: ToolCall) -> bool:
        """A person said yes, a standing grant still does, or the policy asks nobody for this risk."""
        if not self.policy.asks(call.risk):
            return True
        approval = self.record.find_approval_of(call.id)
        if approval is not None:
            return approval.status in (ApprovalStatus.APPROVED, ApprovalStatus.ANSWERED)
        grant = self.record.find_grant(call.digest, subjects_of(run, self.policy.roles.persons), self.clock.now())
        return grant is not None and self.policy.suffices(grant, call.risk)

    async def _ask_what_happened(
        self, lease: Lease, run: Run, call: ToolCall, why: str, facts: tuple[Fact, ...]
    ) -> Run:
        requirement = self.policy.requirements.get(call.risk) or Requirement.REQUESTER
        return await self._keeping(
            facts,
            run,
            self.record.record_unknown_outcome(lease, call, requirement, self.clock.now(), why=why, facts=facts),
        )

    async def _ask_anew(self, lease: Lease, run: Run, call: ToolCall, stale: Stale) -> Run:
        now = self.clock.now()
        return await self.record.record_stale(
            lease,
            call,
            now,
            requirement=self.policy.requirements.get(call.risk) or Requirement.REQUESTER,
            expires_at=self.policy.expires(now),
            preview=stale.assessment.preview,
            target=stale.assessment.target,
        )


def _last_line_to(stream: Stream, call: ToolCall) -> OnOutput:
    """Shows the newest line of a tool's output as the run's status."""

    async def show(text: str) -> None:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines:
            await stream.status(f"{call.tool}: {lines[-1][:80]}")

    return show
