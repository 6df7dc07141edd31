"""What every Web API method works with, and the table in which the methods stand."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from tests.fakes.record import Record
from tests.fakes.slack.arguments import Signature
from tests.fakes.slack.clock import Clock
from tests.fakes.slack.dispatch import Dispatch
from tests.fakes.slack.socketmode import SocketMode
from tests.fakes.slack.state import State

Json = dict[str, Any]


class Stage(Struct, eq=False):
    state: State
    clock: Clock
    record: Record
    dispatch: Dispatch
    socket: SocketMode
    origin: str = ""

    @property
    def link_origin(self) -> str:
        return self.origin.replace("http://", "ws://")


class Method(Struct, frozen=True):
    run: Callable[[Stage, Json], Json]
    signature: Signature
    scope: str | None = None
    app_level: bool = False


Methods = Mapping[str, Method]
