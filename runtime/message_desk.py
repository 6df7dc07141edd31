"""The desk for messages: each becomes a run, a command of the door, or nothing, and is committed before this returns."""

import asyncio
from weakref import WeakValueDictionary

from runtime.agent import Agent
from runtime.arrivals import Arrivals
from runtime.bounds import Bounds
from runtime.command_desk import CommandDesk
from runtime.commands import Command, read_command
from runtime.contents import Page
from runtime.envelopes import page_to_json
from runtime.openings import Announcement, opening
from runtime.options import Defaults, channel_of, options_for, options_of_message
from runtime.people_commands import Confirm, Refuse
from runtime.people_desk import PeopleDesk
from runtime.policy import Roles
from runtime.ports import Clock
from runtime.proposals import Intake, Reply, RunQuery
from runtime.reading_room import Reader
from runtime.record_ports import Record
from runtime.records import UNKNOWN_SPACE, ConversationRef, IncomingMessage, UserRef
from runtime.storable import well_formed
from runtime.switches import with_switches

_HEARD = "I heard you. I will get to this as soon as I am done with what came before it."


class MessageDesk:
    """What the door does with messages; what it promises of each stands there."""

    def __init__(
        self,
        *,
        agent: Agent,
        record: Record,
        clock: Clock,
        roles: Roles,
        commands: CommandDesk,
        people: PeopleDesk,
        defaults: Defaults,
    ) -> None:
        self._agent = agent
        self._record = record
        self._clock = clock
        self._roles = roles
        self._commands = commands
        self._people = people
        self._defaults = defaults
        self._arrivals = Arrivals()
        self._bounds = Bounds(record, self._arrivals)
        self._in_hand: WeakValueDictionary[tuple[ConversationRef, str], asyncio.Lock] = WeakValueDictionary()

    def begin_catching_up(self, platform: str) -> None:
        self._arrivals.begin_catching_up(platform)

    async def end_catching_up(self, platform: str) -> None:
        """What was said live in a thread that nobody knew is read now: what it follows may have been caught up."""
        for message in self._arrivals.kept(platform):
            await self.receive(message, missed=True)
        self._arrivals.end_catching_up(platform)
        await self._bounds.move(platform)

    async def receive(self, message: IncomingMessage, *, missed: bool = False) -> None:
        message = well_formed(message)
        with self._arrivals.coming_in(message):
            if message.addressed or await self._takes_part(message):
                moves = self._arrivals.may_move_bound(message)
                await self._take_in(message, bound=moves)
                if not moves:
                    self._bounds.leave(message)
            elif not missed:
                self._arrivals.keep(message)  # people talk to each other in a thread that Mallard has no part in yet
        await self._bounds.move(message.where.platform)

    async def ask(self, text: str, *, by: UserRef, by_name: str, key: str, shown: Announcement | None = None) -> None:
        alone = ConversationRef.alone_with(by)
        message = well_formed(
            IncomingMessage(
                id=key, where=alone, author=by, author_name=by_name, text=text, sent_at=self._clock.now(), direct=True
            )
        )
        body = opening(message.text, author_name=message.author_name, shown=shown)
        where, direct = (alone, True) if shown is None else (shown.where, shown.direct)
        reply = Reply(where=where, direct=direct, person=by, kind="notice", body=body)
        await self._record.receive_command(message, reply, self._clock.now(), moves_bound=False)

    async def _take_in(self, message: IncomingMessage, *, bound: bool) -> None:
        command = read_command(message.text)
        answers = isinstance(command, Confirm | Refuse) and self._people.is_asked(message)
        if not answers and not self._roles.may_talk(message.author, message.where):
            await self._turn_away(message, bound=bound)
            return
        if command is None:
            await self._agent.receive(self._intake(with_switches(message), bound=bound))
        else:
            await self._obey_once(command, message, bound=bound)

    async def _obey_once(self, command: Command, message: IncomingMessage, *, bound: bool) -> None:
        """What is heard live may be caught up at the same moment: whichever comes second finds the other's reply."""
        key = (channel_of(message.where), message.id)
        async with self._in_hand.setdefault(key, asyncio.Lock()):
            if not self._record.was_received(message):
                reader = Reader(person=message.author, where=message.where, direct=message.direct)
                await self._reply(message, await self._commands.obey(command, reader, message.author_name), bound=bound)

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
        """One polite line for a stranger who spoke to Mallard; nothing for one who spoke to others. Either stays what it was,
        also if they may talk by the time that it is caught up with."""
        reply = None
        if message.addressed:
            body = {"markdown": words_for_a_stranger(message.author)}
            reply = Reply(where=message.where, direct=message.direct, person=message.author, kind="notice", body=body)
        await self._record.receive_command(message, reply, self._clock.now(), moves_bound=bound)

    async def _reply(self, message: IncomingMessage, page: Page, *, bound: bool) -> None:
        reply = Reply(
            where=message.where, direct=message.direct, person=message.author, kind="page", body=page_to_json(page)
        )
        await self._record.receive_command(message, reply, self._clock.now(), moves_bound=bound)


def words_for_a_stranger(person: UserRef) -> str:
    if person.space == UNKNOWN_SPACE:
        return "Hello! I am not told whose you are, so I cannot work for you in this channel. Write to me in a direct message."
    return f"Hello! I do not know you yet, so I cannot work for you. Ask whoever runs me to add `{person}` to MALLARD_USERS."
