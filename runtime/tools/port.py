"""What a tool is."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct
from pydantic import BaseModel

from runtime.records import Effect, JsonObject, Observation, Risk, RunId, UserRef, Workspace

OnOutput = Callable[[str], Awaitable[None]]
RecordAudit = Callable[[JsonObject], Awaitable[None]]
Attach = Callable[[str, str], None]  # a file's name and its text


def drop(name: str, text: str) -> None:
    """Nobody keeps files."""


class Assessment(Struct, frozen=True, kw_only=True):
    """What a tool says of one call before anybody runs it.

    `why_asked` is plain words for the card: what makes it risky. `preview` is what it would do, as text (a diff).
    `target` fingerprints the present state of what it would change; another fingerprint at dispatch means that
    the person saw something else, and the call is asked again. `refusal` says why it can never run, "" otherwise.
    `unchanged` says that all it would do is done already, as after a crash: then it may run whatever `target` is.
    `sends_out` says that it could carry data out of the house. `reads_untrusted` says that what comes back may be text that
    nobody here vouches for (the web, a file): after such a call, one that sends out is asked each time. `each_time`
    says that a person is asked about every such call, whatever rules, grants and settings say. `effect` is the
    call's own where it is not the tool's. `is_question`: a person answers, nothing runs.
    """

    risk: Risk
    why_asked: str = ""
    preview: str = ""
    target: str = ""
    refusal: str = ""
    unchanged: bool = False
    effect: Effect | None = None
    sends_out: bool = False
    reads_untrusted: bool = False
    is_question: bool = False
    each_time: bool = False


class ToolScope(Struct, frozen=True, kw_only=True):
    """What a running call may know. `key` is its idempotency key: the same for a repeat, another for a retry.

    `target` is the fingerprint that a person was shown and said yes to, so that the tool can look once more right before it
    changes anything; "" where nobody was asked about this call. `approved_by` is who that was.
    `risk` is what the call was assessed at when it was recorded: NONE means that nobody was asked. `attach` brings people
    a file beside the observation, once that is recorded.
    `asked_by` is whose request it is, None where nobody is told.
    """

    workspace: Workspace
    key: str
    target: str = ""
    approved_by: UserRef | None = None
    on_output: OnOutput
    audit: RecordAudit
    risk: Risk = Risk.CRITICAL
    attach: Attach = drop
    asked_by: UserRef | None = None
    run_id: RunId | None = None


class Tool(Protocol):
    """A tool. `version` changes whenever the same arguments would come to mean something else.

    `timeout` is seconds, `output_cap` is characters of observation text.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def effect(self) -> Effect: ...
    @property
    def arguments(self) -> type[BaseModel]: ...
    @property
    def timeout(self) -> float: ...
    @property
    def output_cap(self) -> int: ...

    async def assess(self, arguments: Any, workspace: Workspace) -> Assessment:
        """Judge one call without running it. `arguments` is an instance of `self.arguments`."""
        ...

    async def run(self, arguments: Any, scope: ToolScope) -> Observation:
        """Do it. Whatever it raises becomes a failed observation; cancelling it must leave nothing running."""
        ...


class ToolSource(Protocol):
    """Tools that come and go while the agent works."""

    def tools(self) -> tuple[Tool, ...]:
        """What there is at this moment: the same tuple until something changes."""
        ...

    async def settle(self, name: str = "") -> None:
        """Wait, but not for long, until it is known whether there is such a tool; "" asks for all of them."""
        ...

    def why_absent(self, name: str) -> str:
        """Why a tool that belongs here is not there; "" for the tools of others."""
        ...


@runtime_checkable
class LeavesProcesses(Protocol):
    """A tool whose calls run processes, which go on where Mallard is killed."""

    async def end_orphans(self) -> None:
        """End what is still running of calls whose Mallard is gone."""
        ...


@runtime_checkable
class Recognises(Protocol):
    """A tool that can tell by what was shown (`target`) that its call took effect already: a crash hides that."""

    async def is_done(self, arguments: Any, workspace: Workspace, target: str) -> bool: ...
