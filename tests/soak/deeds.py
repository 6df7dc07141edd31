"""What happens in a soak, one thing after another: what people do, and what goes wrong."""

from typing import Literal, TypeAlias

from msgspec import Struct

from tests.soak.jobs import Job
from tests.stories.sides.side import Harm, SideName

Verb: TypeAlias = Literal["approve", "deny", "change"]
Route: TypeAlias = Literal["here", "elsewhere", "terminal"]

HARMS: tuple[Harm, ...] = ("connection drops", "session is lost", "too many calls", "unwell", "answers are lost")


class Deed(Struct, frozen=True, kw_only=True):
    """`after` so many seconds it is begun, whether or not the one before it has ended."""

    after: float = 0.0


class Say(Deed, frozen=True, kw_only=True):
    job: Job


class Decide(Deed, frozen=True, kw_only=True):
    """The oldest open card is decided: on it, by words to Mallard on the other platform, or in the terminal, whose process
    is perhaps killed so many seconds after its start."""

    verb: Verb
    route: Route
    dies: float = 0.0


class DecideTogether(Deed, frozen=True, kw_only=True):
    """Two people click the oldest open card at the same moment, and somebody on the other platform decides it as well."""


class Intrude(Deed, frozen=True, kw_only=True):
    """A stranger clicks the oldest open card."""


class Stop(Deed, frozen=True, kw_only=True):
    """Whoever asked says stop where the oldest open card waits."""


class Kill(Deed, frozen=True, kw_only=True):
    """A platform's process is killed when it has made so many calls more on its platform, or as soon as a tool `is_at_work`
    somewhere. It comes back after `away` seconds, and what its platform wanted to tell it is lost by then if that
    `gives_up`."""

    side: SideName
    calls: int
    is_at_work: bool
    away: float
    gives_up: bool


class Restart(Deed, frozen=True, kw_only=True):
    """A platform's process is asked to end, and comes back after `away` seconds."""

    side: SideName
    away: float


class Trouble(Deed, frozen=True, kw_only=True):
    """A platform behaves badly for a while."""

    side: SideName
    harm: Harm
    seconds: float


class Ahead(Deed, frozen=True, kw_only=True):
    """The clocks of both platforms run ahead of ours by so many seconds more."""

    seconds: float
