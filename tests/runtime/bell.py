"""A tool that does something new in the world each time that it runs."""

from runtime.records import Effect, Observation, Risk, Workspace
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import ToolArguments


class NoArguments(ToolArguments):
    pass


class Bell:
    """Counts how often it rang: each time is something new in the world."""

    name = "bell"
    version = "1"
    description = "Ring."
    arguments = NoArguments
    effect = Effect.EXTERNAL
    timeout = 10.0
    output_cap = 1_000

    def __init__(self, risk: Risk) -> None:
        self.risk, self.rang = risk, 0

    async def assess(self, arguments: NoArguments, workspace: Workspace) -> Assessment:
        return Assessment(risk=self.risk)

    async def run(self, arguments: NoArguments, scope: ToolScope) -> Observation:
        self.rang += 1
        return Observation(ok=True, text="ding")
