"""Gates: every place where a run waits for the world is a gate, and nothing passes before it is let on."""

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from runtime.models.port import Model, ModelReply, ModelRequest
from runtime.records import RunId
from runtime.states import CallState
from runtime.stopping import StopButton

MARKED = "the call that is marked as started"


class Killed(BaseException):
    """The process is gone: nothing of it goes on, least of all its clean-up."""


class Parked(Struct, frozen=True):
    """Somebody who waits at a gate: who, and before what."""

    who: str
    what: str
    passed: "asyncio.Future[None]"


class Gates:
    """The gates of one process. `news` is set whenever somebody arrives."""

    def __init__(self) -> None:
        self.parked: list[Parked] = []
        self.news = asyncio.Event()
        self.dead = False

    async def wait_before(self, what: str) -> None:
        """Wait to be let on. Raises what `let_on` was told to raise, and Killed once the process is gone."""
        self.check_alive()
        task = asyncio.current_task()
        here = Parked(task.get_name() if task else "", what, asyncio.get_running_loop().create_future())
        self.parked.append(here)
        self.news.set()
        try:
            await here.passed
        finally:
            if here in self.parked:
                self.parked.remove(here)
        self.check_alive()

    def let_on(self, one: Parked, error: Exception | None = None) -> None:
        self.parked.remove(one)
        if error is None:
            one.passed.set_result(None)
        else:
            one.passed.set_exception(error)

    def kill(self) -> None:
        self.dead = True
        for one in self.parked:
            if not one.passed.done():
                one.passed.set_exception(Killed())
        self.parked.clear()

    def check_alive(self) -> None:
        if self.dead:
            raise Killed


class GatedModel:
    is_language_model = True

    def __init__(self, model: Model, gates: Gates) -> None:
        self._model, self._gates = model, gates

    async def complete(self, request: ModelRequest) -> ModelReply:
        await self._gates.wait_before(f"the {request.role} model")
        return await self._model.complete(request)

    async def stream(self, request: ModelRequest) -> Any:
        async for piece in self._model.stream(request):
            await self._gates.wait_before(f"the {request.role} model's next words")
            yield piece


class GatedRecord:
    """The record as one process reaches it: a dead process reaches it no more, and some writes wait at a gate first.

    `wrote` is told of each write that came back: its name, its arguments, its result.
    """

    WAITED_FOR = frozenset({"suspend", "mark_started", "record_observation", "finish", "record_step"})

    def __init__(self, record: Any, gates: Gates) -> None:
        self._record, self._gates = record, gates
        self.wrote: Callable[[str, tuple[Any, ...], Any], None] = lambda name, arguments, result: None

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._record, name)
        if asyncio.iscoroutinefunction(found):
            return self._write(name, found)
        self._gates.check_alive()
        return found

    def _write(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        async def write(*args: Any, **kwargs: Any) -> Any:
            self._gates.check_alive()
            if name in self.WAITED_FOR:
                await self._gates.wait_before(name)
            result = await method(*args, **kwargs)
            self._gates.check_alive()
            self.wrote(name, args, result)
            if name == "record_step" and any(call.state is CallState.STARTED for call in result.steps[-1].calls):
                await self._gates.wait_before(MARKED)
            return result

        return write


class Carried(Struct, frozen=True):
    run_id: RunId
    token: int
    stop: StopButton
    task: "asyncio.Task[None]"
