"""The loop: one path forward for a run, whether it is new, continued after an approval, or recovered after a crash."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, assert_never

from msgspec.structs import replace

from runtime.answering import NO_PLAN, Answerer
from runtime.changes import seen_in
from runtime.charge import Charge
from runtime.context import ContextBuilder
from runtime.earlier import Earlier
from runtime.errors import MemoryGone, ModelRefused, ModelUnavailable, PlatformError
from runtime.execution import Executor
from runtime.facts import EventType, Fact
from runtime.intents import planned
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.memory.recall import NOTHING_RECALLED, Recaller
from runtime.memory.reminding import shown_in
from runtime.models.port import Model
from runtime.moves import Answer, Cancel, End, Execute, Observe, Plan, Recover, Suspend, next_move
from runtime.planner import Planner
from runtime.policy import Policy, proposed
from runtime.ports import Clock, Platform
from runtime.presence import Presence, present
from runtime.proposals import Ending, ProposedCall
from runtime.record_ports import Record
from runtime.records import Run, ToolCall
from runtime.skills.briefing import Briefing
from runtime.skills.catalogue import Catalogue
from runtime.standing import find_standing
from runtime.states import RunStatus
from runtime.stopping import Stopped
from runtime.tools.command_audit import audit_of_unrun
from runtime.tools.gateway import Gateway
from runtime.tools.registry import Registry
from runtime.transcript import observation_of, words_of_people

MODEL_PATIENCE = timedelta(minutes=10)
MODEL_PAUSES = (timedelta(seconds=5), timedelta(seconds=60))

log = logging.getLogger(__name__)


class Loop:
    """Carries leased runs. Every collaborator is a port; the record alone remembers."""

    def __init__(
        self,
        *,
        record: Record,
        clock: Clock,
        planner: Planner,
        model: Model,
        registry: Registry,
        policy: Policy,
        context: ContextBuilder,
        platforms: Mapping[str, Platform],
        max_steps: int,
        masker: Masker = NOTHING_OF_OURS,
        recaller: Recaller | None = None,
        skills: Catalogue | None = None,
    ) -> None:
        self._record = record
        self._clock = clock
        self._planner = planner
        self._registry = registry
        self._policy = policy
        self._context = context
        self._platforms = platforms
        self._max_steps = max_steps
        self._masker = masker
        self._earlier = Earlier(record=record, recaller=recaller, thinks=model.is_language_model)
        self._briefing = Briefing(record=record, skills=skills, masker=masker)
        self._gateway = Gateway(registry, masker)
        self._executor = Executor(record=record, clock=clock, gateway=self._gateway, policy=policy, platforms=platforms)
        self._answerer = Answerer(record=record, clock=clock, model=model, context=context, earlier=self._earlier)

    async def advance(self, charge: Charge) -> RunStatus:
        """Carry a leased run to an answer, a failure or a human, and say which. Raises LeaseLost.

        What was thought with a memory that was forgotten meanwhile is not recorded, and is thought again without it.
        """
        async with present(charge.run, self._platforms, self._record.installation) as presence:
            run = await self._fetch_attachments(charge, charge.run)
            while True:
                try:
                    moved = await self._move(charge, run, presence)
                except MemoryGone as gone:
                    log.info("run %d thinks again: %s", run.id, gone)
                    charge.recalled = None
                else:
                    if isinstance(moved, RunStatus):
                        return moved
                    run = moved

    async def _move(self, charge: Charge, run: Run, presence: Presence) -> Run | RunStatus:
        """Do what comes next. Returns the run as it then stands, or where this worker leaves it."""
        move = next_move(run, max_steps=self._max_steps)
        try:
            match move:
                case Plan():
                    return await self._plan(charge, run, presence)
                case Execute(call) | Recover(call):
                    await presence.stream.status(f"Running {call.tool}…")
                    return await self._executor.execute(charge, run, call, presence)
                case Observe(call):
                    return await self._observe(charge, run, call)
                case Suspend():
                    return await self._record.suspend(charge.lease, self._clock.now())
                case Answer(limited):
                    return await self._answer(charge, run, presence, limited=limited)
                case Cancel():
                    return await self._cancel(charge, run)
                case End():
                    charge.let_go = True
                    presence.suspended = run.status in (RunStatus.WAITING, RunStatus.EXPIRED)
                    return run.status
                case _:
                    assert_never(move)
        except Stopped:
            return await self._cancel(charge, self._record.load_run(run.id))
        except ModelUnavailable as error:
            return await self._wait_for_model(charge, run, error)
        except ModelRefused as error:
            return await self._give_up(charge, run, f"The language model refused: {error}", tuple(error.facts))

    async def _plan(self, charge: Charge, run: Run, presence: Presence) -> Run:
        await presence.stream.status("Thinking…")
        with charge.stop.thinking():
            await self._registry.settle()
            now, turns = self._clock.now(), self._earlier.turns(charge)
            recalled = await self._earlier.recalled(charge)
            skills = await self._briefing.brief(run, recalled)
            messages = self._context.for_planning(run, turns, now=now, recalled=recalled, skills=skills.words)
            planned = await self._planner.plan(messages, reasoning=run.reasoning, registry=self._registry)
        relied = tuple({*shown_in(messages, recalled), *skills.lessons})
        if planned.directive is None:
            return await self._record.record_step(
                charge.lease, run, self._clock.now(), text=NO_PLAN, calls=(), facts=planned.facts, relied=relied
            )
        calls = [await self._propose(run, call.tool, call.arguments, call.reason) for call in planned.directive.calls]
        now, thought = self._clock.now(), self._masker.mask(planned.directive.thought)
        return await self._record.record_step(
            charge.lease, run, now, text=thought, calls=tuple(calls), facts=planned.facts, relied=relied
        )

    async def _propose(self, run: Run, tool: str, arguments: Mapping[str, Any], reason: str) -> ProposedCall:
        # The planner was shown marks: the call that people judge, and that runs, is the one with the secrets in it.
        whole, holds_secrets = self._masker.restore(dict(arguments), words_of_people(run))
        reviewed = seen_in(run, await self._gateway.review(tool, whole, run.workspace), holds_secrets=holds_secrets)
        now = self._clock.now()
        grant = find_standing(self._record, self._policy, planned(reviewed, run), run, now)
        ruling = self._policy.rule(reviewed, run, grant=grant, at=now)
        return proposed(reviewed, self._masker.mask(reason), ruling, run)

    async def _observe(self, charge: Charge, run: Run, call: ToolCall) -> Run:
        """Tell the planner what a person or the policy said instead of a result."""
        approval = self._record.find_approval_of(call.id)
        comment = approval.decision.comment if approval and approval.decision else ""
        observation = observation_of(call, comment=comment)
        unrun = audit_of_unrun(call, reason=observation.text)
        return await self._record.record_observation(
            charge.lease, run, call, observation, self._clock.now(), facts=unrun
        )

    async def _answer(self, charge: Charge, run: Run, presence: Presence, *, limited: bool) -> RunStatus:
        facts: tuple[Fact, ...] = ()
        if limited:
            facts = (Fact(EventType.TOOL_ITERATION_LIMIT_REACHED, {"steps": len(run.steps)}),)
        return await self._answerer.answer(charge, run, presence, facts=facts, limited=limited)

    async def _cancel(self, charge: Charge, run: Run) -> RunStatus:
        who = f" by {run.cancelled_by}" if run.cancelled_by else ""
        await self._record.finish(
            charge.lease,
            run,
            self._clock.now(),
            ending=Ending.CANCELLED,
            text=f"Stopped{who}. (run {run.id})",
            facts=(),
            streamed=False,
        )
        charge.let_go = True
        return RunStatus.CANCELLED

    async def _give_up(self, charge: Charge, run: Run, why: str, facts: tuple[Fact, ...]) -> RunStatus:
        await self._record.finish(
            charge.lease,
            run,
            self._clock.now(),
            ending=Ending.GAVE_UP,
            text=f"I could not finish this. {why} (run {charge.lease.run_id})",
            facts=facts,
            streamed=False,
            legacy=self._earlier.legacy(charge, Ending.GAVE_UP),
        )
        charge.let_go = True
        return RunStatus.FAILED

    async def _wait_for_model(self, charge: Charge, run: Run, error: ModelUnavailable) -> RunStatus:
        """Put the run back for a while, until the model wants to be asked again where it says so; after ten minutes in all, say
        that it is away. Where it wants to be left alone for longer than that, the person is told."""
        now = self._clock.now()
        since = run.model_away_since or now
        away = now - since
        if away >= MODEL_PATIENCE:
            minutes = int(away.total_seconds() // 60)
            why = f"The language model has not answered for {minutes} minutes ({error}). Please ask again later."
            return await self._give_up(charge, run, why, tuple(error.facts))
        log.warning("run %d waits for the model: %s", run.id, error)
        pause = min(max(MODEL_PAUSES[0], away / 2), MODEL_PAUSES[1])
        pause = max(pause, timedelta(seconds=error.retry_after or 0))
        await self._record.release(
            charge.lease,
            now,
            may_have_run=frozenset(charge.may_have_run),
            returned=charge.returned,
            facts=tuple(error.facts),
            relied=(charge.recalled or NOTHING_RECALLED).ids,
            not_before=now + pause,
            model_away_since=since,
            said=_told_to_wait(run, pause) if pause > MODEL_PATIENCE else "",
        )
        charge.let_go = True
        return RunStatus.QUEUED

    async def _fetch_attachments(self, charge: Charge, run: Run) -> Run:
        """Read the files that came with the message, once: the record keeps what was read."""
        platform = self._platforms.get(run.where.platform)
        waiting = [file for file in run.attachments if file.text is None and not file.note]
        if platform is None or not waiting:
            return run
        fetched = []
        for file in run.attachments:
            try:
                fetched.append(await platform.fetch(file) if file in waiting else file)
            except PlatformError as error:
                log.warning("run %d: %s could not be fetched: %s", run.id, file.name, error)
                fetched.append(replace(file, note="It could not be fetched from the platform."))
        return await self._record.record_attachments(charge.lease, tuple(fetched))


def _told_to_wait(run: Run, pause: timedelta) -> str:
    return (
        f"The language model wants to be asked again in {pause // timedelta(minutes=1)} minutes. I go on by myself then; say "
        f"`stop` if you do not want to wait. (run {run.id})"
    )
