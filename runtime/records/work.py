"""Runs, their steps and calls, and what is known of them."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.records.ids import CallId, GrantId, JsonObject, RunId
from runtime.records.places import Attachment, ConversationRef, Reasoning, UserRef
from runtime.states import CallState, RunStatus


class Effect(StrEnum):
    """What running a call a second time would do: nothing, the same once more, or something new in the world."""

    NONE = "none"
    IDEMPOTENT = "idempotent"
    EXTERNAL = "external"


class Risk(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class DeniedBy(StrEnum):
    PERSON = "person"
    POLICY = "policy"


class Workspace(Struct, frozen=True, kw_only=True):
    """A named folder that a run's tools are confined to. `path` is absolute and real."""

    id: str
    path: str


class Usage(Struct, frozen=True, kw_only=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_ms: int = 0


class Observation(Struct, frozen=True, kw_only=True):
    """What the planner is told came back from a call."""

    ok: bool
    text: str
    error: str = ""
    metadata: JsonObject = field(default_factory=dict)


class Denial(Struct, frozen=True, kw_only=True):
    by: DeniedBy
    reason: str
    who: str = ""


class ToolCall(Struct, frozen=True, kw_only=True):
    """What the planner asked for. Everything but state, attempt, observation and denial never changes; asking anew changes
    what is said of it (risk, why_asked, preview, target, sends_out, each_time).

    `digest` is the hex SHA-256 that binds tool, version, arguments and workspace. `target` fingerprints what the
    call would change, as a person was shown it, "" where nobody was. `preview` is shown on the card beside the
    arguments. `grant` is the standing approval that it was let through by, a use of which was counted then.
    `each_time`: only a person's yes to this very call lets it run.
    """

    id: CallId
    number: int
    tool: str
    version: str
    arguments: JsonObject
    digest: str
    effect: Effect
    risk: Risk
    reason: str
    why_asked: str = ""
    preview: str = ""
    target: str = ""
    reads_untrusted: bool = False
    sends_out: bool = False
    each_time: bool = False
    grant: GrantId | None = None
    state: CallState
    attempt: int = 1
    observation: Observation | None = None
    denial: Denial | None = None


class Step(Struct, frozen=True, kw_only=True):
    number: int
    text: str
    calls: tuple[ToolCall, ...]

    def with_call(self, call: ToolCall) -> "Step":
        """The step with one of its calls as it now stands."""
        calls = tuple([call if each.id == call.id else each for each in self.calls])
        return Step(number=self.number, text=self.text, calls=calls)


class Run(Struct, frozen=True, kw_only=True):
    """One request worked to an end. `settings` were frozen when its message was received."""

    id: RunId
    conversation_id: int
    where: ConversationRef
    direct: bool
    message_id: str
    asked_by: UserRef
    author_name: str = ""
    request: str
    attachments: tuple[Attachment, ...] = ()
    workspace: Workspace
    reasoning: Reasoning
    debug: bool
    reflect: bool
    status: RunStatus
    steps: tuple[Step, ...] = ()
    attempts: int = 0
    cancel_requested: bool = False
    cancelled_by: str = ""
    answer: str | None = None
    failure: str = ""
    created_at: datetime
    ended_at: datetime | None = None
    model_away_since: datetime | None = None

    def find_call(self, call_id: CallId) -> ToolCall | None:
        return next((call for step in self.steps for call in step.calls if call.id == call_id), None)

    def with_call(self, call: ToolCall) -> "Run":
        """The run with a call of its last step as it now stands."""
        *earlier, last = self.steps
        return replace(self, steps=(*earlier, last.with_call(call)))


class Lease(Struct, frozen=True, kw_only=True):
    """A claim on a run. Worker writes carry it; a newer claim makes it worthless."""

    run_id: RunId
    token: int


class Event(Struct, frozen=True, kw_only=True):
    """A fact already committed. `body` is None where its payload has been erased."""

    run_id: RunId
    seq: int
    type: str
    at: datetime
    body: JsonObject | None
