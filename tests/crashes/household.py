"""The product's pieces, put together over a world to die in."""

from datetime import UTC, datetime
from pathlib import Path

from runtime.afterthoughts.thinkers import thinkers_of
from runtime.afterthoughts.worker import AfterthoughtWorker
from runtime.agent import Agent
from runtime.context import ContextBuilder
from runtime.courier import Courier
from runtime.envelopes import Envelopes
from runtime.loop import Loop
from runtime.masking import NOTHING_OF_OURS
from runtime.models.port import ModelRequest, Role
from runtime.options import Options
from runtime.planner import JsonPlanner
from runtime.policy import DEFAULT_REQUIREMENTS, Policy, Roles
from runtime.ports import Platform
from runtime.reading_room import ReadingRoom
from runtime.records import Risk, Workspace
from runtime.signals import Signals
from runtime.tools.ask_person import AskPerson
from runtime.tools.registry import Registry
from runtime.visibility import Visibility
from runtime.worker import Worker
from storage.store import Store
from tests.crashes.commits import crashing_connection
from tests.crashes.crashing import CrashingDoor, CrashingModel, CrashingPlatform, Deed
from tests.crashes.points import Points
from tests.crashes.trial import Life
from tests.fakes.scripted import Decide, ScriptedModel, Spoken, call, directive, plans, reflecting, storing

ANSWER = "The deed is done, and all of it can be read here."
FACT = "Deeds are done on request."
LESSON = "Do the deed at once."


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Household:
    """The product's pieces, composed as its composition root does it, over a platform, a model and a tool of ours.

    `works_for` names platforms of other processes whose runs it works too.
    """

    def __init__(
        self, life: Life, platform: Platform, points: Points, roles: Roles, *, works_for: frozenset[str] = frozenset()
    ) -> None:
        clock, signals = RealClock(), Signals()
        folder = Path(life.folder)
        self.platform = CrashingPlatform(platform, points)
        self.store = Store(
            folder / "mallard.db", signals, clock, synchronous="NORMAL", writing_with=crashing_connection(points)
        )
        step = (
            call("ask_person", question="Shall I?", options=["Yes, do"]) if life.question else call("deed", word="it")
        )
        model = CrashingModel(ScriptedModel(_mind(directive(step))), points)
        deed = Deed(life.effect, Risk.HIGH if life.gated else Risk.LOW, folder / "outside", points)
        registry = Registry([deed, AskPerson()])
        policy = Policy(roles=roles, requirements=DEFAULT_REQUIREMENTS)
        platforms: dict[str, Platform] = {platform.name: self.platform}
        loop = Loop(
            record=self.store, clock=clock, planner=JsonPlanner(model), model=model, registry=registry, policy=policy,
            context=ContextBuilder(registry=registry), platforms=platforms, max_steps=12,
        )  # fmt: skip
        self.worker = Worker(
            loop=loop,
            record=self.store,
            clock=clock,
            signals=signals,
            platforms=works_for | set(platforms),
            concurrency=4,
        )
        self._thinks = life.thinks
        self.afterthoughts = AfterthoughtWorker(
            record=self.store,
            clock=clock,
            signals=signals,
            thinkers=thinkers_of(self.store, model, clock, NOTHING_OF_OURS),
            platforms=works_for | set(platforms),
        )
        agent = Agent(record=self.store, clock=clock, policy=policy, loop=loop, worker=self.worker)
        workspace = Workspace(id="default", path=str(folder))
        room = ReadingRoom(record=self.store, policy=policy, visibility=Visibility(roles, platforms, clock))
        self.door = CrashingDoor(
            points=points, agent=agent, record=self.store, clock=clock, policy=policy, room=room,
            defaults=lambda where: Options(workspace=workspace),
        )  # fmt: skip
        self.courier = Courier(
            record=self.store, clock=clock, signals=signals, platforms=platforms,
            envelopes=Envelopes(record=self.store), roles=roles,
        )  # fmt: skip

    def is_at_rest(self) -> bool:
        """Whether nothing is left to do without a person."""
        return self.store.database.read_row(_BUSY_OR_THINKING if self._thinks else _BUSY) is None

    def is_done(self) -> bool:
        """Whether something was asked, and nothing of it is left to anybody: asked at one moment, since a click may come
        between two."""
        return self.store.database.read_row(_DONE) is not None


_BUSY = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM runs WHERE status IN ('queued', 'running'))
            OR EXISTS (SELECT 1 FROM deliveries WHERE status IN ('owed', 'sending'))
"""
_BUSY_OR_THINKING = f"""
{_BUSY} OR EXISTS (SELECT 1 FROM afterthoughts WHERE status IN ('owed', 'running'))
"""
_DONE = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM runs)
           AND NOT EXISTS (SELECT 1 FROM runs WHERE status IN ('queued', 'running', 'waiting'))
           AND NOT EXISTS (SELECT 1 FROM deliveries WHERE status IN ('owed', 'sending'))
"""


def _mind(plan: str) -> Decide:
    says = plans(plan, answer=ANSWER)

    def decide(request: ModelRequest) -> Spoken:
        match request.role:
            case Role.MEMORY:
                return storing(FACT)
            case Role.CRITIC:
                return reflecting(lesson=LESSON)
            case _:
                return says(request)

    return decide
