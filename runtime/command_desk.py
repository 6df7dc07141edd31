"""Where commands are obeyed: whoever wrote one may talk here, and is told what came of it."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from runtime.agent import Agent
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
)
from runtime.contents import Entry, Page
from runtime.desk import Desk
from runtime.memory.commands import MemoryCommand
from runtime.memory.desk import MemoryDesk
from runtime.moves import is_worked_on
from runtime.options import Defaults, changed, channel_of, options_for, options_page
from runtime.people_commands import PeopleCommand
from runtime.people_desk import PeopleDesk
from runtime.policy import Roles
from runtime.reading_room import Reader, ReadingRoom
from runtime.record_ports import Record
from runtime.records import ApprovalId, ConversationRef, Run, RunId, UserRef
from runtime.states import RunStatus

_UNDECIDED = "Nothing was decided. If you want something done, begin with another word."


class CommandDesk(Struct, frozen=True, kw_only=True):
    """`greeting` is said in `help`: what a person should know of this installation."""

    agent: Agent
    record: Record
    roles: Roles
    room: ReadingRoom
    desk: Desk
    people: PeopleDesk
    memory: MemoryDesk
    defaults: Defaults
    greeting: str = ""

    async def obey(self, command: Command, reader: Reader, name: str) -> Page:
        """What is to be said to whoever gave the command. `name` is what people call them."""
        if isinstance(command, PeopleCommand):
            return await self.people.obey(command, by=reader.person, by_name=name, direct=reader.direct)
        if isinstance(command, MemoryCommand):
            return await self.memory.obey(command, reader)
        match command:
            case Decide(number=None):
                page = await self.room.pending(reader)
                return replace(page, note=f"{_UNDECIDED} {page.note}")
            case Decide(verb=verb, number=int(number), comment=comment, scope=scope, terms=terms):
                settlement = await self.desk.decide(
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
                return await self.room.history(reader, before=before, after=after)
            case ShowRun(number=number, after=after):
                return await self.room.run(reader, number, after=after)
            case ShowPending():
                return await self.room.pending(reader)
            case ShowOptions(name="", value=""):
                return options_page(options_for(self.record, self.defaults, reader.where))
            case ShowOptions(name=option, value=value):
                return await self.set_option(reader.where, option, value, direct=reader.direct)
            case ShowHelp():
                return self.help()
        raise AssertionError(f"no answer to {command}")

    async def stop(self, where: ConversationRef, *, by: UserRef, direct: bool = False) -> Page:
        """Stop what runs, and what waits, in this conversation, in private in all of the channel; say what was stopped, or
        why not."""
        open_runs = self.record.list_open_runs(where, whole_channel=direct)
        return await self._stop([self.record.load_run(run_id) for run_id in open_runs], by)

    async def interrupt(self, where: ConversationRef, *, by: UserRef) -> Page:
        """Stop only what is being worked on in this conversation: cards stay, and so does what waits its turn."""
        open_runs = self.record.list_open_runs(where, whole_channel=False)
        return await self._stop([run for run in map(self.record.load_run, open_runs) if is_worked_on(run)], by)

    async def stop_run(self, run_id: RunId, *, by: UserRef) -> Page:
        """Stop one run, however it stands."""
        return await self._stop([self.record.load_run(run_id)], by)

    async def _stop(self, runs: Sequence[Run], by: UserRef) -> Page:
        entries = []
        for run in runs:
            run_id = run.id
            if not (self.roles.are_same(by, run.asked_by) or self.roles.is_approver(by) or self.roles.is_admin(by)):
                entries.append(
                    Entry(
                        text=f"run {run_id} goes on: only {run.author_name or run.asked_by} or an approver can stop it"
                    )
                )
                continue
            before = await self.agent.cancel(run, by)
            gone = before in (RunStatus.QUEUED, RunStatus.WAITING)
            entries.append(
                Entry(text=f"run {run_id} {'is stopped' if gone else 'is being stopped'}", token=f"run {run_id}")
            )
        return Page(title="Stop", entries=tuple(entries), note="" if entries else "Nothing runs here.")

    async def set_option(self, where: ConversationRef, name: str, value: str, *, direct: bool = False) -> Page:
        """Change an option of the conversation (in private: of the whole channel); the page says what holds now."""
        place = channel_of(where) if direct else where
        known = self.record.find_conversation(place)
        stored = changed(known.options if known else {}, name, value)
        if isinstance(stored, str):
            return options_page(options_for(self.record, self.defaults, where), note=stored)
        await self.record.set_options(place, direct=direct, options=stored)
        return options_page(options_for(self.record, self.defaults, where), note=f"{name} is {value} now.")

    def help(self) -> Page:
        entries = tuple(Entry(text=words, detail=meaning) for words, meaning in HELP)
        note = self.greeting or "Anything else that you write to me is a request."
        return Page(title="What you can say to me", entries=entries, note=note)
