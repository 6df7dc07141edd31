"""The door: what adapters, the terminal and the command line call. It writes facts and returns; it runs nothing."""

import asyncio
from dataclasses import replace
from weakref import WeakValueDictionary

from runtime.agent import Agent, Outcome
from runtime.arrivals import Arrivals
from runtime.commands import (
    HELP,
    Command,
    Decide,
    ShowHelp,
    ShowHistory,
    ShowOptions,
    ShowPending,
    ShowRun,
    Stop,
    decides,
    read_command,
)
from runtime.contents import Card, Entry, Page
from runtime.desk import Desk, Settlement
from runtime.envelopes import page_to_json
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.options import Defaults, changed, channel_of, options_for, options_of_message, options_page
from runtime.people_commands import Confirm, PeopleCommand, Refuse
from runtime.people_desk import PeopleDesk
from runtime.policy import Policy
from runtime.ports import Clock
from runtime.proposals import Intake, Reply, RunQuery
from runtime.reading_room import Reader, ReadingRoom
from runtime.record_ports import Record
from runtime.records import (
    ApprovalId,
    ConversationRef,
    IncomingMessage,
    UserRef,
)
from runtime.states import RunStatus
from runtime.storable import utf8, well_formed
from runtime.tokens import Token, read_token

_UNDECIDED = "Nothing was decided. If you want something done, begin with another word."
_HEARD = "I heard you. I will get to this as soon as I am done with what came before it."


__all__ = ["Door", "Outcome", "Settlement"]


class Door:
    """Where people come in. Everything it says about a run, it says to those only who may see it.

    `greeting` is said in `help`: what a person should know of this installation.
    """

    def __init__(
        self,
        *,
        agent: Agent,
        record: Record,
        clock: Clock,
        policy: Policy,
        room: ReadingRoom,
        defaults: Defaults,
        greeting: str = "",
        masker: Masker = NOTHING_OF_OURS,
    ) -> None:
        self._agent = agent
        self._record = record
        self._clock = clock
        self._policy = policy
        self._room = room
        self._defaults = defaults
        self._greeting = greeting
        self._desk = Desk(
            agent=agent, record=record, clock=clock, policy=policy, visibility=room.visibility, masker=masker
        )
        self._people = PeopleDesk(record=record, clock=clock, roles=policy.roles)
        self._arrivals = Arrivals()
        self._in_hand: WeakValueDictionary[tuple[ConversationRef, str], asyncio.Lock] = WeakValueDictionary()

    def begin_catching_up(self, platform: str) -> None:
        """From now until `end_catching_up`, messages that arrive live leave the bound where catching up starts:
        a crash in between must find all that was missed again. Each beginning has an end of its own."""
        self._arrivals.begin_catching_up(platform)

    async def end_catching_up(self, platform: str) -> None:
        """What was said live in a thread that nobody knew is read now: what it follows may have been caught up."""
        for message in self._arrivals.kept(platform):
            await self.receive(message, missed=True)
        self._arrivals.end_catching_up(platform)

    def may_talk(self, by: UserRef, where: ConversationRef) -> bool:
        """Whether this person's messages there are worked on, for adapters that would say something in public first."""
        return self._policy.roles.may_talk(by, where)

    async def receive(self, message: IncomingMessage, *, missed: bool = False) -> None:
        """Commit a message, then return: as a run, or as the command of the door that it is (`stop`, `help` …).

        Receiving a message twice is receiving it once. Whatever is to be said comes as a delivery. `missed` messages
        are those that catching up found, oldest first.
        """
        message = well_formed(message)
        with self._arrivals.coming_in(message):
            if message.addressed or await self._takes_part(message):
                await self._take_in(message, bound=missed or self._arrivals.may_move_bound(message))
            elif not missed:
                self._arrivals.keep(message)  # people talk to each other in a thread that Mallard has no part in yet

    async def _take_in(self, message: IncomingMessage, *, bound: bool) -> None:
        command = read_command(message.text)
        answers = isinstance(command, Confirm | Refuse) and self._people.is_asked(message)
        if not answers and not self._policy.roles.may_talk(message.author, message.where):
            await self._turn_away(message, bound=bound)
            return
        if command is None:
            await self._agent.receive(self._intake(message, bound=bound))
        else:
            await self._obey_once(command, message, bound=bound)

    async def _obey_once(self, command: Command, message: IncomingMessage, *, bound: bool) -> None:
        """What is heard live may be caught up at the same moment: whichever comes second finds the other's reply."""
        key = (channel_of(message.where), message.id)
        async with self._in_hand.setdefault(key, asyncio.Lock()):
            if not self._record.was_received(message):
                reader = Reader(person=message.author, where=message.where, direct=message.direct)
                await self._reply(message, await self._obey(command, reader, message.author_name), bound=bound)

    async def _takes_part(self, message: IncomingMessage) -> bool:
        """Whether somebody had been worked for there by then; a stranger, or a word to the door, makes nobody a part of
        a thread. What was said before is being recorded, perhaps."""
        if self._took_part(message):
            return True
        await self._arrivals.until_what_it_follows(message)
        return self._took_part(message)

    def _took_part(self, message: IncomingMessage) -> bool:
        known = self._record.find_conversation(message.where)
        if known is None:
            return False
        by_then = RunQuery(conversation_id=known.id, said_until=message.sent_at, limit=1)
        return bool(self._record.list_runs(by_then))

    async def click(
        self, token: str, *, by: UserRef, by_name: str, where: ConversationRef, comment: str = ""
    ) -> Settlement:
        """Take a button's token and do what its verb says: approve, always, deny, change, mark_done, mark_failed,
        retry, again. A refused click is recorded. `show` is not for here: see `read_card`."""
        read = read_token(token)
        if read is None:
            return Settlement(outcome=Outcome.UNKNOWN, words="I do not know this button.")
        if read.installation != self._record.installation:
            words = "This card belongs to another installation of Mallard; it has to be decided there."
            return Settlement(outcome=Outcome.UNKNOWN, words=words)
        return await self._desk.decide(
            read.verb, read.approval_id, by=by, by_name=utf8(by_name), where=where, comment=utf8(comment)
        )

    async def allow(self, said: Decide, *, by: UserRef, by_name: str, where: ConversationRef) -> Settlement:
        """Do what a written "always" says, with its terms."""
        number = ApprovalId(said.number or 0)
        return await self._desk.decide(
            "always", number, by=by, by_name=by_name, where=where, comment="", scope=said.scope, terms=said.terms
        )

    async def read_card(self, token: str, *, by: UserRef) -> Card | None:
        """The whole card behind a token, for "show everything" and for modals; None where the person may not see it.

        A token that says `show` reveals what is masked, to those who may decide: show that card to this person alone.
        """
        read = read_token(token)
        if read is None or read.installation != self._record.installation:
            return None
        return await self._desk.find_card(read.approval_id, by, reveal=read.verb == "show")

    async def find_card(self, number: int, *, by: UserRef) -> Card | None:
        """The card of an approval by its number; None where there is none that the person may see."""
        return await self._desk.find_card(ApprovalId(number), by)

    def token_of(self, approval_id: ApprovalId, verb: str) -> str:
        """The token that a button of this approval would carry."""
        return str(Token(installation=self._record.installation, approval_id=approval_id, verb=verb))

    async def stop(self, where: ConversationRef, *, by: UserRef, direct: bool = False) -> Page:
        """Stop what runs in this conversation, in private in all of the channel; say what was stopped, or why not."""
        roles = self._policy.roles
        if not roles.may_talk(by, where):
            return _turned_away(by)
        entries = []
        for run_id in self._record.list_open_runs(where, whole_channel=direct):
            run = self._record.load_run(run_id)
            if not (roles.are_same(by, run.asked_by) or roles.is_approver(by) or roles.is_admin(by)):
                entries.append(
                    Entry(
                        text=f"run {run_id} goes on: only {run.author_name or run.asked_by} or an approver can stop it"
                    )
                )
                continue
            before = await self._agent.cancel(run, by)
            gone = before in (RunStatus.QUEUED, RunStatus.WAITING)
            entries.append(
                Entry(text=f"run {run_id} {'is stopped' if gone else 'is being stopped'}", token=f"run {run_id}")
            )
        return Page(title="Stop", entries=tuple(entries), note="" if entries else "Nothing runs here.")

    async def read_page(self, token: str, *, by: UserRef, where: ConversationRef, direct: bool) -> Page:
        """A page by the token of an entry or neighbour, or by a command: `history`, `pending`, `run 42` …

        `direct` says that only `by` will read the answer (a DM, an ephemeral, the terminal, App Home).
        """
        command = read_command(token)
        if not self._policy.roles.may_talk(by, where):
            return _turned_away(by)
        if command is None or decides(command):
            return self._help()
        return await self._obey(command, Reader(person=by, where=where, direct=direct), "")

    async def set_option(
        self, where: ConversationRef, name: str, value: str, *, by: UserRef, direct: bool = False
    ) -> Page:
        """Change an option of the conversation (in private: of the whole channel); the page says what holds now."""
        if not self._policy.roles.may_talk(by, where):
            return _turned_away(by)
        place = channel_of(where) if direct else where
        known = self._record.find_conversation(place)
        stored = changed(known.options if known else {}, name, value)
        if isinstance(stored, str):
            return options_page(options_for(self._record, self._defaults, where), note=stored)
        await self._record.set_options(place, direct=direct, options=stored)
        return options_page(options_for(self._record, self._defaults, where), note=f"{name} is {value} now.")

    def _intake(self, message: IncomingMessage, *, bound: bool) -> Intake:
        options = options_of_message(options_for(self._record, self._defaults, message.where), message)
        return Intake(
            message=message,
            workspace=options.workspace,
            reasoning=options.reasoning,
            debug=options.debug,
            reflect=options.reflect,
            heard=_HEARD,
            moves_bound=bound,
        )

    async def _turn_away(self, message: IncomingMessage, *, bound: bool) -> None:
        """One polite line for a stranger who spoke to Mallard; nothing for one who spoke to others."""
        if message.addressed:
            body = {"markdown": _stranger(message.author)}
            reply = Reply(where=message.where, direct=message.direct, person=message.author, kind="notice", body=body)
            await self._record.receive_command(message, reply, self._clock.now(), moves_bound=bound)

    async def _reply(self, message: IncomingMessage, page: Page, *, bound: bool) -> None:
        reply = Reply(
            where=message.where, direct=message.direct, person=message.author, kind="page", body=page_to_json(page)
        )
        await self._record.receive_command(message, reply, self._clock.now(), moves_bound=bound)

    async def _obey(self, command: Command, reader: Reader, name: str) -> Page:
        if isinstance(command, PeopleCommand):
            return await self._people.obey(command, by=reader.person, by_name=name, direct=reader.direct)
        match command:
            case Decide(number=None):
                page = await self._room.pending(reader)
                return replace(page, note=f"{_UNDECIDED} {page.note}")
            case Decide(verb=verb, number=int(number), comment=comment, scope=scope, terms=terms):
                settlement = await self._desk.decide(
                    verb,
                    ApprovalId(number),
                    by=reader.person,
                    by_name=name,
                    where=reader.where,
                    comment=comment,
                    scope=scope,
                    terms=terms,
                )
                return Page(title=f"Approval {number}", entries=(), note=settlement.words)
            case Stop():
                return await self.stop(reader.where, by=reader.person, direct=reader.direct)
            case ShowHistory(before=before, after=after):
                return await self._room.history(reader, before=before, after=after)
            case ShowRun(number=number, after=after):
                return await self._room.run(reader, number, after=after)
            case ShowPending():
                return await self._room.pending(reader)
            case ShowOptions(name="", value=""):
                return options_page(options_for(self._record, self._defaults, reader.where))
            case ShowOptions(name=option, value=value):
                return await self.set_option(reader.where, option, value, by=reader.person, direct=reader.direct)
            case ShowHelp():
                return self._help()
        raise AssertionError(f"no answer to {command}")

    def _help(self) -> Page:
        entries = tuple(Entry(text=words, detail=meaning) for words, meaning in HELP)
        note = self._greeting or "Anything else that you write to me is a request."
        return Page(title="What you can say to me", entries=entries, note=note)


def _turned_away(person: UserRef) -> Page:
    return Page(title="Mallard", entries=(), note=_stranger(person))


def _stranger(person: UserRef) -> str:
    return f"Hello! I do not know you yet, so I cannot work for you. Ask whoever runs me to add `{person}` to MALLARD_USERS."
