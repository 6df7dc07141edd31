"""What every route works with, and how a route is written down."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from tests.fakes.clock import Clock
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.interactions import Interactions
from tests.fakes.discord.shapes import Shape
from tests.fakes.discord.state import State
from tests.fakes.pulse import Pulse
from tests.fakes.record import Record

Json = dict[str, Any]
LARGEST_FILE = 10 * 2**20


class Stage(Struct, eq=False):
    state: State
    clock: Clock
    record: Record
    pulse: Pulse
    gateway: Gateway
    interactions: Interactions
    origin: str = ""


class Upload(Struct, frozen=True, kw_only=True):
    """A file of a multipart request, under the number that its part carried."""

    number: str
    filename: str
    content: bytes
    content_type: str | None


class Asked(Struct, frozen=True, kw_only=True):
    """A request as a route reads it."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: tuple[Upload, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.path[name]


class Route(Struct, frozen=True, kw_only=True):
    """`run` gives the answer's JSON; None is 204. `bucket` names the limit that it shares; "" has none."""

    run: Callable[[Stage, Asked], Any]
    body: Shape | None = None
    query: Mapping[str, Callable[[str], bool]] = field(default_factory=dict)
    needs_token: bool = True
    bucket: str = ""


Routes = Mapping[str, Route]  # "POST /channels/{channel}/messages"
