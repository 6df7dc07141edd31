"""The door: what adapters, the terminal and the command line call. It writes facts and returns; it runs nothing."""

from runtime.agent import Agent, Outcome
from runtime.command_desk import CommandDesk
from runtime.commands import Decide, decides, read_command
from runtime.contents import Card, Page
from runtime.desk import Desk, Settlement
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.memory.desk import MemoryDesk
from runtime.memory.explaining import Explainer
from runtime.memory.ports import Embedder
from runtime.message_desk import MessageDesk, words_for_a_stranger
from runtime.openings import Announcement
from runtime.options import Defaults
from runtime.people_desk import PeopleDesk
from runtime.policy import Policy
from runtime.ports import Clock, Seen
from runtime.reading_room import Reader, ReadingRoom
from runtime.record_ports import Record
from runtime.records import ApprovalId, ConversationRef, IncomingMessage, RunId, UserRef
from runtime.storable import utf8
from runtime.tokens import Token, read_token

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
        embedder: Embedder | None = None,
    ) -> None:
        self._agent = agent
        self._record = record
        self._clock = clock
        self._policy = policy
        self._defaults = defaults
        self._masker = masker
        self._desk = Desk(
            agent=agent, record=record, clock=clock, policy=policy, visibility=room.visibility, masker=masker
        )
        people = PeopleDesk(record=record, clock=clock, roles=policy.roles)
        self._commands = CommandDesk(
            agent=agent, record=record, roles=policy.roles, room=room, desk=self._desk, people=people,
            memory=MemoryDesk(
                record=record, clock=clock, roles=policy.roles,
                explainer=Explainer(record=record, visibility=room.visibility), defaults=defaults, masker=masker,
                embedder=embedder,
            ),
            defaults=defaults, greeting=greeting,
        )  # fmt: skip
        self._messages = MessageDesk(
            agent=agent, record=record, clock=clock, roles=policy.roles, commands=self._commands, people=people,
            defaults=defaults,
        )  # fmt: skip

    def begin_catching_up(self, platform: str) -> None:
        """From now until `end_catching_up`, messages leave the bound where catching up starts: a crash in between must
        find all that was missed again. Each beginning has an end of its own."""
        self._messages.begin_catching_up(platform)

    async def end_catching_up(self, platform: str) -> None:
        """All that was missed has been received."""
        await self._messages.end_catching_up(platform)

    def list_seen(self, platform: str) -> tuple[Seen, ...]:
        """The bound: up to where the record knows what was said."""
        return self._record.list_seen(platform)

    def may_talk(self, by: UserRef, where: ConversationRef) -> bool:
        """Whether this person's messages there are worked on, for adapters that would say something in public first."""
        return self._policy.roles.may_talk(by, where)

    def mask(self, text: str) -> str:
        """A text without secrets, for adapters that say in their own name what a person said: it stays, and others read it."""
        return self._masker.mask(text)

    async def receive(self, message: IncomingMessage, *, missed: bool = False) -> None:
        """Commit a message, then return: as a run, or as the command of the door that it is (`stop`, `help` …).

        Receiving a message twice is receiving it once. Whatever is to be said comes as a delivery. `missed` messages
        are those that catching up found, oldest first.
        """
        await self._messages.receive(message, missed=missed)

    async def ask(self, text: str, *, by: UserRef, by_name: str, key: str, shown: Announcement | None = None) -> None:
        """Commit a request that left no message to answer, then return. A message of ours comes as a delivery, as it is to be
        `shown` or else to the person alone, and begins a conversation; there the request is received like any other.

        `key` is the platform's own: what comes twice with one is asked once.
        """
        await self._messages.ask(text, by=by, by_name=by_name, key=key, shown=shown)

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
        """Stop what runs, and what waits, in this conversation, in private in all of the channel; say what was stopped, or
        why not."""
        return await self._commands.stop(where, by=by, direct=direct) if self.may_talk(by, where) else _turned_away(by)

    async def interrupt(self, where: ConversationRef, *, by: UserRef) -> Page:
        """Stop only what is being worked on here; cards, and messages that wait their turn, stay. No entries: nothing was."""
        return await self._commands.interrupt(where, by=by) if self.may_talk(by, where) else _turned_away(by)

    async def stop_run(self, run_id: RunId, *, by: UserRef) -> Page:
        """Stop this run alone, however it stands; the page says what became of that."""
        return (
            await self._commands.stop_run(run_id, by=by)
            if self.may_talk(by, self._record.load_run(run_id).where)
            else _turned_away(by)
        )

    async def read_page(self, token: str, *, by: UserRef, where: ConversationRef, direct: bool) -> Page:
        """A page by the token of an entry or neighbour, or by a command: `history`, `pending`, `run 42` …

        `direct` says that only `by` will read the answer (a DM, an ephemeral, the terminal, App Home).
        """
        command = read_command(token)
        if not self._policy.roles.may_talk(by, where):
            return _turned_away(by)
        if command is None or decides(command):
            return self._commands.help()
        return await self._commands.obey(command, Reader(person=by, where=where, direct=direct), "")

    async def set_option(
        self, where: ConversationRef, name: str, value: str, *, by: UserRef, direct: bool = False
    ) -> Page:
        """Change an option of the conversation (in private: of the whole channel); the page says what holds now."""
        if not self.may_talk(by, where):
            return _turned_away(by)
        return await self._commands.set_option(where, name, value, direct=direct)


def _turned_away(person: UserRef) -> Page:
    return Page(title="Mallard", entries=(), note=words_for_a_stranger(person))
