"""A stage whose model is behind real HTTP, and where somebody thinks about runs once they are over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct, field

from runtime.memory.records import Memory, MemoryId, MemoryScope, MemoryType, NewMemory, Place
from runtime.models.client import OpenAICompatibleModel
from runtime.models.endpoint import Endpoint
from runtime.models.port import Role
from runtime.records import RunId, UserRef
from runtime.tls import trust
from tests.fakes.model import Received, ScriptedEndpoint
from tests.fakes.replies import Reply, Say
from tests.fakes.scripted import AFTERWARDS, directive, reflecting, storing
from tests.runtime.stage import ALICE, Stage, at_work, open_stage

__all__ = ["CHANNEL", "OWN", "Attic", "Mind", "memory_of", "open_attic", "reflecting", "run_id", "storing", "thinking"]

OWN = Place(MemoryScope.PERSON, str(ALICE))
CHANNEL = Place(MemoryScope.CONVERSATION, "slack:T1/C1")
LATER = UserRef(platform="slack", space="T1", id="ULATER")


Says = Callable[[str], Reply | str]


class Mind(Struct):
    """What each role says, given all that it was told. Roles are told apart by the model's name, as a server does."""

    action: Says = lambda told: directive()
    thinker: Says = lambda told: "Done."
    memory: Says = lambda told: AFTERWARDS[Role.MEMORY]
    critic: Says = lambda told: AFTERWARDS[Role.CRITIC]
    told: dict[str, list[str]] = field(default_factory=lambda: {role: [] for role in Role})

    def reply(self, received: Received) -> Reply:
        told = "\n\n".join(message["content"] for message in received.body["messages"])
        self.told[received.model].append(told)
        said = getattr(self, received.model)(told)
        return Say(text=said) if isinstance(said, str) else said


class Attic(Struct, kw_only=True):
    stage: Stage
    mind: Mind
    server: ScriptedEndpoint

    async def over(self, number: int = 1) -> None:
        """Return once nothing is left to think about a run."""
        await self.stage.run(number)
        await self.stage.until(
            lambda: self.kinds(number) and {"owed", "running"}.isdisjoint(self.kinds(number).values())
        )

    def kinds(self, number: int = 1) -> dict[str, str]:
        sql = "SELECT kind, status FROM afterthoughts WHERE run_id = ? ORDER BY kind"
        return dict(self.stage.store.database.read_rows(sql, (number,)))

    def attempts(self, number: int = 1, kind: str = "memory") -> int:
        sql = "SELECT attempts FROM afterthoughts WHERE run_id = ? AND kind = ?"
        row = self.stage.store.database.read_row(sql, (number, kind))
        return int(row[0]) if row else 0

    async def memories(self, *places: Place, retired: bool = False) -> list[Memory]:
        """Oldest first."""
        wanted = frozenset(places or (OWN, CHANNEL))
        found = await self.stage.store.list_memories(wanted, self.stage.clock.now(), retired=retired, limit=50)
        return sorted(found, key=lambda memory: memory.id)

    async def knows(self, text: str, *, place: Place = CHANNEL, **changes: Any) -> MemoryId:
        """Something that was remembered before."""
        given: dict[str, Any] = {
            "text": text, "place": place, "type": MemoryType.FACT, "importance": 0.5, "said_by": ALICE,
        }  # fmt: skip
        kept = await self.stage.store.remember(NewMemory(**(given | changes)), self.stage.clock.now())
        return kept.id

    def body_of(self, type_: str, number: int = 1) -> dict[str, Any]:
        (event,) = self.stage.events_of(number, type_)
        assert event.body is not None
        return dict(event.body)

    def relied(self, number: int) -> list[int]:
        sql = "SELECT memory_id FROM reliances WHERE run_id = ? ORDER BY memory_id"
        return [row[0] for row in self.stage.store.database.read_rows(sql, (number,))]


@asynccontextmanager
async def open_attic(folder: Path, **settings: Any) -> AsyncIterator[Attic]:
    """Nobody is at work yet."""
    mind = Mind()
    timeout = settings.pop("timeout", 30.0)
    async with ScriptedEndpoint(mind.reply) as server, httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        endpoints = {role: Endpoint(base_url=server.base_url, model=role, timeout_s=timeout) for role in Role}
        model = OpenAICompatibleModel(endpoints, http, sleep=_at_once)
        async with open_stage(folder, mind=model, **settings) as stage:
            yield Attic(stage=stage, mind=mind, server=server)


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def thinking(attic: Attic) -> AsyncIterator[None]:
    """Runs are worked, and thought about, until the block ends."""
    async with at_work(attic.stage), asyncio.TaskGroup() as tasks:
        thoughts = tasks.create_task(attic.stage.afterthoughts.run())
        try:
            yield
        finally:
            attic.stage.afterthoughts.stop()
            await asyncio.wait({thoughts})


def memory_of(attic: Attic, number: int) -> Memory:
    found = attic.stage.store.find_memory(MemoryId(number))
    assert found is not None
    return found


def run_id(number: int) -> RunId:
    return RunId(number)
