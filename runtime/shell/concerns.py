"""Why a person has to be asked, and what a command was found to touch."""

from msgspec import Struct, field

from runtime.records import Risk
from runtime.shell.verdicts import Action

_GRAVEST_FIRST = tuple(Action)
_RISKS = (Risk.CRITICAL, Risk.HIGH, Risk.MEDIUM, Risk.LOW, Risk.NONE)


class Concern(Struct, frozen=True):
    """One reason to ask."""

    reason: str
    action: Action = Action.UNKNOWN
    risk: Risk = Risk.HIGH
    needs_network: bool = False


class NotUnderstood(Exception):
    """{args[0]}: a part of a command that nothing here can read, which therefore has to be asked about."""


class Findings(Struct):
    """What was met on the way through a command, each once and in order."""

    concerns: dict[Concern, None] = field(default_factory=dict)
    paths: dict[str, None] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)
    programs: dict[str, None] = field(default_factory=dict)
    lifted_by: dict[str, None] = field(default_factory=dict)
    denied_by: dict[str, None] = field(default_factory=dict)

    def add(self, concern: Concern | None) -> None:
        if concern is not None:
            self.concerns[concern] = None

    def worst(self) -> Concern:
        """The concern that decides what a person is told first. There must be one."""
        return min(self.concerns, key=lambda each: (_RISKS.index(each.risk), _GRAVEST_FIRST.index(each.action)))

    def action(self) -> Action:
        return min((each.action for each in self.concerns), key=_GRAVEST_FIRST.index)

    def needs_network(self) -> bool:
        return any(each.needs_network for each in self.concerns)


def show(text: str, most: int = 80) -> str:
    """A piece of a command as it is named in a reason: in backticks, on one line, not for ever."""
    flat = " ".join(text.split()).replace("`", "'")
    return f"`{flat if len(flat) <= most else flat[: most - 1] + '…'}`"
