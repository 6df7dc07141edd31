"""What an answer relied on: the memories that were in its context, the skills that it read, the tools that it used."""

from collections import Counter

from msgspec import Struct

from runtime.contents import Entry, Page
from runtime.memory.records import Memory, MemoryScope, Place, channel_of_run
from runtime.memory.words import names_any
from runtime.proposals import RunQuery
from runtime.reading_room import Reader
from runtime.record_ports import Record
from runtime.records import Run, RunId
from runtime.states import RunStatus
from runtime.visibility import Visibility


class Explainer(Struct, frozen=True, kw_only=True):
    record: Record
    visibility: Visibility

    async def explain(self, run_id: RunId | None, reader: Reader, *, shown: frozenset[Place]) -> Page:
        """The page about a run, or about the last answer of the conversation. Of memories outside of the places that may be
        `shown`, and of the run's own, only the number is said."""
        run = self._find_answered(reader) if run_id is None else self.record.find_run(run_id)
        if run is None or not await self._sees(reader, run):
            which = "There is no answer here yet" if run_id is None else f"There is no run {run_id}"
            return Page(title="Why", entries=(), note=f"{which} that I could explain to you here.")
        shown |= {channel_of_run(run), Place(MemoryScope.WORKSPACE, run.workspace.id)}
        relied = [self.record.find_memory(each) for each in self.record.list_reliances(run.id)]
        lines = [_line(memory, run, shown) for memory in relied if memory is not None]
        lines += [
            Entry(text=f"{source}, {count} times" if count > 1 else source, detail="what it returned")
            for source, count in Counter(_sources(run)).items()
        ]
        title = f"What the answer of run {run.id} relied on"
        note = "" if lines else "It relied on what was said here, and on what the model knows by itself."
        return Page(title=title, entries=tuple(lines), note=f"{note} `run {run.id}` shows each step.".strip())

    def _find_answered(self, reader: Reader) -> Run | None:
        known = self.record.find_conversation(reader.where)
        if known is None:
            return None
        lines = self.record.list_runs(RunQuery(conversation_id=known.id, status=RunStatus.COMPLETED, limit=1))
        return self.record.find_run(lines[0].id) if lines else None

    async def _sees(self, reader: Reader, run: Run) -> bool:
        if not reader.direct and run.where != reader.where:
            return False
        return await self.visibility.may_see(reader.person, asked_by=run.asked_by, where=run.where, direct=run.direct)


def _line(memory: Memory, run: Run, shown: frozenset[Place]) -> Entry:
    named = names_any(run.answer or "", [memory.id])
    detail = f"{memory.type}, {'named in the answer' if named else 'was at hand'}"
    text = memory.text if memory.place in shown else "a person's own, which only they are shown, in a direct message"
    return Entry(text=f"memory {memory.id}: {text}", detail=detail)


def _sources(run: Run) -> list[str]:
    calls = [call for step in run.steps for call in step.calls if call.observation is not None and call.observation.ok]
    return [f"skill {call.arguments['name']}" if call.tool == "read_skill" else call.tool for call in calls]
