"""A model in the same process that says what a function of the request tells it to say.

The function sees the whole request and nothing else, so a process that starts again answers as the first one would.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeAlias

from runtime.errors import ModelError
from runtime.models.port import Delta, ModelReply, ModelRequest, Part, Role
from runtime.records import Usage

Spoken: TypeAlias = str | ModelReply | ModelError
Decide: TypeAlias = Callable[[ModelRequest], Spoken]

# What those say who think about a run once it is over, where a test is about something else.
AFTERWARDS = {
    Role.MEMORY: json.dumps({"should_store": False, "reason": "There is nothing to remember."}),
    Role.CRITIC: json.dumps(
        {"succeeded": True, "summary": "It was done.", "worked": "", "failed": "", "lesson": None, "confidence": 0.5}
    ),
}
USAGE = Usage(prompt_tokens=120, completion_tokens=40, latency_ms=1)


def call(tool: str, reason: str = "It was asked for.", **arguments: Any) -> dict[str, Any]:
    return {"tool": tool, "arguments": arguments, "reason": reason}


def directive(*calls: dict[str, Any], thought: str = "") -> str:
    """A directive as a model writes it."""
    return json.dumps({"thought": thought, "calls": calls} if thought else {"calls": calls})


def storing(summary: str, **changes: Any) -> str:
    """A yes of the memory role."""
    given: dict[str, Any] = {
        "should_store": True, "reason": "It will be asked again.", "summary": summary, "scope": "conversation",
        "type": "fact", "importance": 0.6, "expires_in_days": None, "supersedes": [], "metadata": {},
    }  # fmt: skip
    return json.dumps(given | changes)


def reflecting(**changes: Any) -> str:
    """What the critic says."""
    given: dict[str, Any] = {
        "succeeded": True, "summary": "It was about ducks.", "worked": "asking", "failed": "", "lesson": None,
        "confidence": 0.8,
    }  # fmt: skip
    return json.dumps(given | changes)


def observed(request: ModelRequest) -> int:
    """How many observations the run has so far: what stands behind the request itself."""
    parts = [message.part for message in request.messages]
    behind = parts[len(parts) - parts[::-1].index(Part.REQUEST) :] if Part.REQUEST in parts else parts
    return behind.count(Part.OBSERVATION)


def plans(*steps: str, answer: str = "Done.") -> Decide:
    """One directive for each number of observations made so far, then no calls, and `answer` from the thinker."""

    def decide(request: ModelRequest) -> str:
        if request.role in AFTERWARDS:
            return AFTERWARDS[request.role]
        if request.role is not Role.ACTION:
            return answer
        done = 0
        for step in steps:
            if done >= observed(request):
                return step
            done += len(json.loads(step)["calls"])
        return directive()

    return decide


class ScriptedModel:
    """The Model port over a plain function. `requests` are those received, oldest first."""

    is_language_model = True

    def __init__(self, decide: Decide, *, piece: int = 16) -> None:
        self._decide = decide
        self._piece = piece
        self._called = asyncio.Condition()
        self.requests: list[ModelRequest] = []
        self._gate: asyncio.Event | None = None
        self._gate_opens_once = False
        self._held = frozenset[Role]()

    def hold(self, until: asyncio.Event, *, once: bool = False, of: Iterable[Role] = Role) -> None:
        """Answer nothing until an event is set: every request from now on (of these roles), or the next one only."""
        self._gate, self._gate_opens_once, self._held = until, once, frozenset(of)

    @property
    def newest(self) -> ModelRequest:
        """The newest request of a run itself: its afterthoughts come when they come."""
        return next(each for each in reversed(self.requests) if each.role in (Role.ACTION, Role.THINKER))

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        async with self._called:
            self._called.notify_all()
        if (gate := self._gate) is not None and request.role in self._held:
            if self._gate_opens_once:
                self._gate = None
            await gate.wait()
        match self._decide(request):
            case ModelError() as error:
                raise error
            case str(text):
                return ModelReply(text=text, model="scripted", usage=USAGE)
            case reply:
                return reply

    async def stream(self, request: ModelRequest) -> AsyncIterator[Delta | ModelReply]:
        reply = await self.complete(request)
        for start in range(0, len(reply.text), self._piece):
            yield Delta(text=reply.text[start : start + self._piece])
        yield reply

    async def until_called(self, times: int) -> None:
        """Return once `times` requests were received."""
        async with self._called:
            await self._called.wait_for(lambda: len(self.requests) >= times)
