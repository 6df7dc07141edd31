"""One message for a script: its answer alone is printed, and an exit status tells how it ended."""

import asyncio
import uuid
from collections.abc import Iterator

from bots.terminal.chat import message_of
from bots.terminal.piped import ExitStatus, exit_status_of
from bots.terminal.platform import TerminalPlatform
from bots.terminal.reception import ScriptReception
from bots.terminal.screens import KeptScreen, PlainScreen
from bots.terminal.watch import Away, Watch
from bots.terminal.wording import write_card, write_clock
from runtime.commands import Decide, read_command
from runtime.contents import Card, Page, Text
from runtime.ports import Clock
from runtime.records import ConversationRef, Run
from runtime.states import RunStatus

_AT_WORK = (RunStatus.QUEUED, RunStatus.RUNNING)


async def ask_once(
    platform: TerminalPlatform, clock: Clock, watch: Watch, text: str, screen: KeptScreen, printed: PlainScreen
) -> ExitStatus:
    """Say one thing, print its answer and nothing else, and tell how it ended; a decision, how what it decided did.

    A model that is away is not waited for: the run that was asked for here is stopped then, and also where this is cancelled, so
    that a script that tries again does not have it done twice.
    """
    once = _Once(platform, clock, watch, text)
    await platform.door.receive(message_of(platform, clock, text, once.message_id))
    try:
        away = await once.until_done()
    except asyncio.CancelledError:  # a script that is not waited for any more may be started again as well
        if run := await once.stop():
            printed.say(f"Run {run.id} was stopped.")
        raise
    run = once.find_own()
    if away is not None:
        if run := await once.stop():
            printed.say(f"{_why_away(away, run)} Run {run.id} was stopped.")
            return ExitStatus.FAILED
        run = once.find_own()
    if run is not None:
        if run.answer is not None:
            printed.show(Text(markdown=run.answer))
        return await _tell_ending(run, platform, watch, printed)
    decided = once.find_decided()
    if away is not None and decided is not None and decided.where.platform == platform.name and _is_at_work(decided):
        return _tell_kept(decided, away, screen, printed)
    for content in screen.shown:
        if not isinstance(content, Card):
            printed.show(content)
    if not once.decides:
        return ExitStatus.ANSWERED
    if decided is None:
        return ExitStatus.FAILED
    if decided.where.platform != platform.name:
        return ExitStatus.ANSWERED  # it goes on where it was asked
    if decided.answer is not None and not any(isinstance(content, Text) for content in screen.shown):
        printed.show(Text(markdown=decided.answer))  # its own window shows it as well
    return await _tell_ending(decided, platform, watch, printed)


class _Once:
    """What was said, and what came of it as the record has it now."""

    def __init__(self, platform: TerminalPlatform, clock: Clock, watch: Watch, text: str) -> None:
        command = read_command(text)
        self.decides = isinstance(command, Decide)
        self.message_id = uuid.uuid4().hex
        self._number = command.number if isinstance(command, Decide) else None
        self._platform, self._watch, self._since = platform, watch, clock.now()
        self._reception = ScriptReception(platform.where, watch, platform.is_free, self._since)
        self._reception.own = lambda: run.id if (run := self.find_own()) else None
        self._reception.decided = lambda: run.id if (run := self.find_decided()) else None
        platform.takes = self._reception.takes

    def find_own(self) -> Run | None:
        """The run that it was a request for."""
        return self._watch.find_run(self._platform.where, self.message_id)

    def find_decided(self) -> Run | None:
        """The run that it decided about."""
        return None if self._number is None else self._watch.find_decided(self._number, self._since)

    async def stop(self) -> Run | None:
        """Stop the run that it was a request for, where that is still at work. Returns it, once it was stopped by this."""
        run = self.find_own()
        if run is None or not _is_at_work(run):
            return None
        await self._platform.door.stop_run(run.id, by=self._platform.user)
        await self._watch.wait_until(lambda: not _is_at_work(self.find_own()))
        run = self.find_own()
        return run if run is not None and run.status is RunStatus.CANCELLED else None

    async def until_done(self) -> Away | None:
        """Return once nothing is worked on or owed any more that it led to; or sooner, with the run whose model is away."""
        away: list[Away] = []

        def is_over() -> bool:
            away[:] = [found for where in self._places() for found in self._watch.list_away(where, self._since)]
            if self._is_running():
                return False  # its own model has not failed, whatever became of that of another run
            return self._is_told() and (bool(away) or not self._is_worked())

        await self._watch.wait_until(is_over)
        return away[0] if away else None

    def _places(self) -> Iterator[ConversationRef]:
        yield self._platform.where
        decided = self.find_decided()
        if (
            decided is not None
            and decided.where.platform == self._platform.name
            and decided.where != self._platform.where
        ):
            yield decided.where

    def _is_worked(self) -> bool:
        decided = self.find_decided()
        ours = decided is not None and decided.where.platform == self._platform.name and _is_at_work(decided)
        return ours or self._watch.is_worked(self._platform.where)

    def _is_running(self) -> bool:
        """Whether a worker has the run in its hands that this led to, in a conversation of the terminal."""
        ours = self.find_own() or self.find_decided()
        return ours is not None and ours.where.platform == self._platform.name and ours.status is RunStatus.RUNNING

    def _is_told(self) -> bool:
        """Whether nothing is owed any more that is to be printed here."""
        here, *elsewhere = self._places()
        places = [here, *(place for place in elsewhere if self._platform.is_free(place.channel))]
        return not any(self._reception.awaits(place, owed) for place in places for owed in self._watch.list_owed(place))


def _is_at_work(run: Run | None) -> bool:
    return run is not None and run.status in _AT_WORK


def _why_away(away: Away, run: Run) -> str:
    before = f"Run {away.run_id}, which is before it, waits for the language model: "
    return away.why if away.run_id == run.id else f"{before}{away.why}"


def _tell_kept(run: Run, away: Away, screen: KeptScreen, printed: PlainScreen) -> ExitStatus:
    """Say who goes on with what was decided: not this process, whatever the run says of itself to who waits for it."""
    for content in screen.shown:
        if isinstance(content, Page):
            printed.show(content)
    earliest = f", at {write_clock(away.again)} at the earliest" if away.again else ""
    printed.say(f"{_why_away(away, run)} Run {run.id} is kept: mallard chat goes on with it{earliest}.")
    return ExitStatus.FAILED


async def _tell_ending(run: Run, platform: TerminalPlatform, watch: Watch, printed: PlainScreen) -> ExitStatus:
    """Say what an answer does not say: how to decide, or what happened instead."""
    status = exit_status_of(run)
    if status is ExitStatus.WAITING:
        asked = [await platform.door.find_card(number, by=platform.user) for number in watch.list_asked(run.id)]
        cards = [card for card in asked if card is not None and card.buttons]
        for card in cards:
            printed.say(write_card(card, in_shell=True))
        decide = " or ".join(f'mallard chat --once "approve {card.approval_id}"' for card in cards)
        printed.say(f"Run {run.id} waits for a decision. Decide and go on: {decide or 'mallard approvals'}")
    elif run.answer is None:
        printed.say(f"Run {run.id} {run.status}. {run.failure or f'mallard run {run.id} shows what happened.'}")
    return status
