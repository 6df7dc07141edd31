"""What was before a run, as it was when a worker first looked; and what the run leaves to those after it."""

from msgspec import Struct

from runtime.afterthoughts.legacy import Legacy, afterthoughts_of
from runtime.charge import Charge
from runtime.memory.recall import NOTHING_RECALLED, Recalled, Recaller
from runtime.memory.records import MemoryId
from runtime.proposals import Ending, Turn
from runtime.record_ports import Record

HISTORY_TURNS = 20


class Earlier(Struct, frozen=True, kw_only=True):
    """`recaller` is None where runs are reminded of nothing. `thinks`: there is a model that can have afterthoughts."""

    record: Record
    recaller: Recaller | None
    thinks: bool

    def turns(self, charge: Charge) -> tuple[Turn, ...]:
        """What was said before in the conversation."""
        if charge.turns is None:
            run = charge.run
            charge.turns = self.record.load_turns(run.conversation_id, run.id, limit=HISTORY_TURNS)
        return charge.turns

    async def recalled(self, charge: Charge) -> Recalled:
        """What is remembered elsewhere that bears on the request."""
        if self.recaller is None:
            return NOTHING_RECALLED
        if charge.recalled is None:
            charge.recalled = await self.recaller.recall(charge.run, self.turns(charge), most_turns=HISTORY_TURNS)
        return charge.recalled

    def legacy(self, charge: Charge, ending: Ending, *, relied: tuple[MemoryId, ...] | None = None) -> Legacy:
        """What is to be committed with the ending. `relied` are the memories at hand, where not all that were recalled."""
        recalled = charge.recalled or NOTHING_RECALLED
        kinds = (
            afterthoughts_of(charge.run, ending, self.turns(charge), recalled.summary, most_turns=HISTORY_TURNS)
            if self.thinks
            else ()
        )
        return Legacy(afterthoughts=kinds, relied=recalled.ids if relied is None else relied)
