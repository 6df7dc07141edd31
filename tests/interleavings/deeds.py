"""Tools of every effect and risk. What they did is a line outside: the key that they ran under."""

from msgspec import Struct, field

from runtime.errors import ModelUnavailable
from runtime.models.port import ModelRequest, Part, Role
from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import Registry, ToolArguments
from tests.fakes.scripted import Spoken, call, directive, observed
from tests.interleavings.gates import Gates

KINDS: dict[str, tuple[Effect, Risk]] = {
    "look": (Effect.NONE, Risk.NONE),
    "note": (Effect.IDEMPOTENT, Risk.MEDIUM),
    "tell": (Effect.EXTERNAL, Risk.LOW),
    "send": (Effect.EXTERNAL, Risk.HIGH),
    "sell": (Effect.EXTERNAL, Risk.CRITICAL),
}


class Outside(Struct):
    """`done` are the keys of what was done, in order, with the tool that did it."""

    done: list[tuple[str, str]] = field(default_factory=list)


class NoArguments(ToolArguments):
    pass


class Deed:
    version = "1"
    description = "Do something."
    arguments = NoArguments
    timeout = 3_600.0
    output_cap = 1_000

    def __init__(self, name: str, outside: Outside, gates: Gates) -> None:
        self.name = name
        self.effect, self._risk = KINDS[name]
        self._outside, self._gates = outside, gates

    async def assess(self, arguments: NoArguments, workspace: Workspace) -> Assessment:
        return Assessment(risk=self._risk)

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        await self._gates.wait_before(f"{self.name} begins")
        self._outside.done.append((self.name, scope.key))
        await self._gates.wait_before(f"{self.name} returns")
        return Observation(ok=True, text="done")


def registry(outside: Outside, gates: Gates) -> Registry:
    return Registry(Deed(name, outside, gates) for name in KINDS)


def decide(request: ModelRequest) -> Spoken:
    """The request names its steps, `look send; note`: one directive for each, then an answer that names the request."""
    asked = next(message.text for message in reversed(request.messages) if message.part is Part.REQUEST)
    if request.role is not Role.ACTION:
        return answer_to(asked)
    done = 0
    for step in asked.partition(":")[2].split(";"):
        if done >= observed(request):
            return directive(*(call(name) for name in step.split()))
        done += len(step.split())
    return directive()


def answer_to(request: str) -> str:
    return f"This is all there is to say about “{request}”."


MODEL_AWAY = ModelUnavailable("the model is away")
