"""Where people say what is to be remembered and forgotten, look it up, and ask what an answer relied on."""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace

from runtime.contents import Entry, Page
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.memory.commands import Forget, ForgetMe, MemoryCommand, Pin, Remember, ShowMemories, Why
from runtime.memory.explaining import Explainer
from runtime.memory.ports import Embedder
from runtime.memory.records import (
    Forgotten,
    ForgottenPerson,
    Memory,
    MemoryId,
    MemoryQuery,
    MemoryScope,
    MemoryType,
    NewMemory,
    Place,
)
from runtime.memory.vectors import PATIENCE, vector_of
from runtime.options import Defaults
from runtime.policy import Roles
from runtime.ports import Clock
from runtime.reading_room import Reader
from runtime.record_ports import Record
from runtime.records import RunId

LONGEST = 2_000  # characters of one memory: what is longer belongs in a file
PAGE = 10
_SAID = 0.7  # the importance of what a person asked to be remembered
_TITLE = "Memory"
_FOR = {
    MemoryScope.PERSON: "for you alone",
    MemoryScope.CONVERSATION: "for this channel",
    MemoryScope.WORKSPACE: "for everybody who works in this workspace",
    MemoryScope.TEAM: "for everybody",
}


class MemoryDesk(Struct, frozen=True, kw_only=True):
    """`embedder` is None where search is by words alone."""

    record: Record
    clock: Clock
    roles: Roles
    explainer: Explainer
    defaults: Defaults
    masker: Masker = NOTHING_OF_OURS
    embedder: Embedder | None = None

    async def obey(self, command: MemoryCommand, reader: Reader) -> Page:
        """Do what a command says, and say what became of it. Others who read along learn nothing of a person's own."""
        match command:
            case Remember(text=text, scope=scope):
                return _said(await self._remember(text, scope, reader))
            case ShowMemories(about="", before=before):
                return await self._list(reader, before)
            case ShowMemories(about=about):
                return await self._search(reader, about)
            case Forget(memory_id):
                return _said(await self._forget(memory_id, reader))
            case Pin(memory_id=memory_id, pinned=pinned):
                return _said(await self._pin(memory_id, reader, pinned=pinned))
            case ForgetMe(sure=sure):
                return _said(await self._forget_all(reader, sure=sure))
            case Why(run_id):
                return await self.explainer.explain(run_id, reader, shown=self._shown(reader))
            case _:
                assert_never(command)

    async def _remember(self, text: str, scope: MemoryScope, reader: Reader) -> str:
        text = text.strip()
        if len(text) > LONGEST:
            return f"That is too long to remember ({len(text)} characters, at most {LONGEST}): put it into a file."
        if self.masker.mask(text) != text:
            return "There is a secret in that, and secrets are never remembered. Say it without."
        if scope in (MemoryScope.WORKSPACE, MemoryScope.TEAM) and not self._speaks_for_all(reader):
            return f"What is remembered {_FOR[scope]} is said by approvers and administrators. Nothing was remembered."
        new = NewMemory(
            text=text, place=self._place(scope, reader), type=MemoryType.FACT, importance=_SAID, said_by=reader.person
        )
        kept = await self.record.remember(
            new, self.clock.now(), vector=await vector_of(text, self.embedder, patience=PATIENCE)
        )
        if kept.merged:
            return f"I knew that already: it is memory {kept.id}."
        return f"I will remember that, {_FOR[scope]}. It is memory {kept.id}; `forget {kept.id}` makes me forget it."

    def _speaks_for_all(self, reader: Reader) -> bool:
        return self.roles.is_approver(reader.person) or self.roles.is_admin(reader.person)

    def _place(self, scope: MemoryScope, reader: Reader) -> Place:
        match scope:
            case MemoryScope.PERSON:
                return Place(scope, str(reader.person))
            case MemoryScope.CONVERSATION:
                return Place(scope, reader.where.written_channel)
            case MemoryScope.WORKSPACE:
                return Place(scope, self.defaults(reader.where).workspace.id)
            case MemoryScope.TEAM:
                return Place(scope)

    def _own(self, reader: Reader) -> frozenset[Place]:
        accounts = self.roles.persons.accounts_of(reader.person)
        return frozenset(Place(MemoryScope.PERSON, str(account)) for account in accounts)

    def _shown(self, reader: Reader) -> frozenset[Place]:
        """What may be read out here: what is the person's own only where nobody else reads."""
        around = frozenset(self._place(scope, reader) for scope in MemoryScope if scope is not MemoryScope.PERSON)
        return around | self._own(reader) if reader.direct else around

    async def _list(self, reader: Reader, before: MemoryId | None) -> Page:
        found = await self.record.list_memories(self._shown(reader), self.clock.now(), before=before, limit=PAGE + 1)
        page = _page(found[:PAGE], reader, nothing="I remember nothing here.")
        return replace(page, older=f"memories before {found[PAGE - 1].id}") if len(found) > PAGE else page

    async def _search(self, reader: Reader, about: str) -> Page:
        query = MemoryQuery(
            text=about,
            places=self._shown(reader),
            vector=await vector_of(about, self.embedder, patience=PATIENCE),
            limit=PAGE,
        )
        found = await self.record.search_memories(query, self.clock.now())
        return _page([each.memory for each in found], reader, nothing="I remember nothing about that here.")

    async def _forget(self, memory_id: MemoryId, reader: Reader) -> str:
        if self._find_own(memory_id, reader) is not None:
            gone = await self.record.forget((memory_id,), self.clock.now(), by=reader.person)
            if gone.memories or gone.runs_in_the_way:
                return words_on_forgetting(memory_id, gone)
        return f"There is no memory {memory_id} that you could make me forget here."

    async def _pin(self, memory_id: MemoryId, reader: Reader, *, pinned: bool) -> str:
        if self._find_own(memory_id, reader) is None or not await self.record.pin(memory_id, pinned=pinned):
            return f"There is no memory {memory_id} that you could change here."
        return f"Memory {memory_id} {'will not fade' if pinned else 'fades with time, like others'}."

    def _find_own(self, memory_id: MemoryId, reader: Reader) -> Memory | None:
        """A memory that the person may change: their own, what they said, and what approvers and administrators look after."""
        memory = self.record.find_memory(memory_id)
        if memory is None:
            return None
        if memory.place.scope is MemoryScope.PERSON:
            return memory if memory.place in self._own(reader) or self.roles.is_admin(reader.person) else None
        looks_after = self._speaks_for_all(reader) and memory.place in self._shown(reader)
        own = self.roles.are_same(memory.said_by, reader.person)
        return memory if own or looks_after or self.roles.is_admin(reader.person) else None

    async def _forget_all(self, reader: Reader, *, sure: bool) -> str:
        if not reader.direct:
            return "Say that to me in a direct message: it is between you and me."
        if not sure:
            return _BEFORE_FORGETTING
        accounts = self.roles.persons.accounts_of(reader.person)
        return _told_of(await self.record.forget_person(accounts, self.clock.now()))


def _page(memories: "tuple[Memory, ...] | list[Memory]", reader: Reader, *, nothing: str) -> Page:
    lines = tuple(Entry(text=f"{memory.id}: {memory.text}", detail=_detail(memory)) for memory in memories)
    note = "" if lines else nothing
    if not reader.direct:
        note = f"{note} What I remember for you alone I show you in a direct message.".strip()
    return Page(title=_TITLE, entries=lines, note=note)


def _detail(memory: Memory) -> str:
    whose = {MemoryScope.PERSON: "yours", MemoryScope.CONVERSATION: "of this channel"}.get(
        memory.place.scope, f"of the {memory.place.scope}"
    )
    pinned = ", pinned" if memory.pinned else ""
    source = f", from run {memory.run_id}" if memory.run_id else ""
    return f"{memory.type}, {whose}{pinned}, {memory.created_at:%Y-%m-%d}{source}"


def words_on_forgetting(memory_id: MemoryId, gone: Forgotten) -> str:
    """What became of a memory that was to be forgotten."""
    if not gone.runs_in_the_way:
        return f"Memory {memory_id} is forgotten{_for_good(gone.lingers)}"
    return f"Memory {memory_id} is not forgotten yet: {_in_the_way(gone.runs_in_the_way, 'it')}"


def _for_good(lingers: bool, counts: str = "") -> str:
    if not lingers:
        return f", for good{counts}."
    return f"{counts}. Another program holds the database just now: the words leave its files within the hour."


def _in_the_way(runs: tuple[RunId, ...], memories: str) -> str:
    numbers = ", ".join(map(str, runs))
    if len(runs) == 1:
        return f"run {numbers} works with {memories}. Decide its card or `stop` it, then say it again."
    return f"runs {numbers} work with {memories}. Decide their cards or `stop` them, then say it again."


def _told_of(gone: ForgottenPerson) -> str:
    if gone.open_runs:
        numbers = ", ".join(str(run_id) for run_id in gone.open_runs)
        return f"Nothing is forgotten yet: runs of yours are not over ({numbers}). `stop` them where they are, then say it again."
    if gone.runs_in_the_way:
        return f"Nothing is forgotten yet: {_in_the_way(gone.runs_in_the_way, 'what you told me for others')}"
    counts = f" (memories: {gone.memories}, runs: {gone.runs}, summaries: {gone.summaries})"
    return (
        f"Forgotten{_for_good(gone.lingers, counts)} What you decided about the runs of others stays on their record."
    )


def _said(words: str) -> Page:
    return Page(title=_TITLE, entries=(), note=words)


_BEFORE_FORGETTING = (
    "This forgets, for good and for all your accounts: what is remembered for you and what you told me for others, your runs "
    "with their answers and the output of their tools, what is always allowed for you alone, and what was learned from your "
    "runs. It cannot be undone. "
    "What you decided about the runs of others stays on their record, and what stands in the chat stays there. "
    "To mean that, write: `yes, forget everything about me`"
)
