"""What a run has read that nobody here vouches for: after it, whatever could carry data out is asked. Pure."""

from collections.abc import Callable, Iterator
from itertools import takewhile

from runtime.masking import NOTHING_OF_OURS
from runtime.records import CallId, Effect, JsonObject, Run, ToolCall
from runtime.showing import shortened
from runtime.states import CallState

Mask = Callable[[str], str]
_NAMED = 3
_NEVER_RAN = frozenset({"not_run", "changes_requested", "not_approved", "digest_mismatch"})


def taint_of(run: Run, *, before: CallId | None = None, mask: Mask = NOTHING_OF_OURS.mask) -> str:
    """The sentence that says what the run has read (before a call of its own), "" where it has read nothing of the kind.

    `mask` goes over what is named before that is shortened: nothing recognises half a secret.
    """
    sources = list(dict.fromkeys(_sources(run, before, mask)))
    if not sources:
        return ""
    more = len(sources) - _NAMED
    named = ", ".join(sources[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"This run has read text that nobody here vouches for ({named}), and this call could send data out."


def reads_own_file(run: Run, tool: str, arguments: JsonObject) -> bool:
    """Whether a call would read the very file that this run has written, and done nothing since that could change it."""
    calls = [call for call in _calls(run) if call.state is CallState.OBSERVED and _ran(call)]
    written = None
    for call in calls:
        if call.tool == "write_file":
            ok = call.observation is not None and call.observation.ok
            written = call.arguments.get("path") if ok else None
        elif call.effect is not Effect.NONE:
            written = None
    return tool == "read_file" and written is not None and arguments.get("path") == written


def _sources(run: Run, before: CallId | None, mask: Mask) -> Iterator[str]:
    for file in run.attachments:
        if file.text:
            yield f"the file {shortened(mask(file.name), 60)}"
    for call in takewhile(lambda call: call.id != before, _calls(run)):
        if call.reads_untrusted and _may_have_read(call):
            yield _named(call, mask)


def _calls(run: Run) -> Iterator[ToolCall]:
    return (call for step in run.steps for call in step.calls)


def _may_have_read(call: ToolCall) -> bool:
    if call.state in (CallState.STARTED, CallState.OUTCOME_UNKNOWN):
        return True
    return call.state is CallState.OBSERVED and _ran(call)


def _ran(call: ToolCall) -> bool:
    return call.denial is None and call.observation is not None and call.observation.error not in _NEVER_RAN


def _named(call: ToolCall, mask: Mask) -> str:
    """A call by its tool and the first text among its arguments: the address or the path, as tools go."""
    texts = [value for value in call.arguments.values() if isinstance(value, str) and value]
    return f"{call.tool} {shortened(mask(texts[0]), 60)}" if texts else call.tool
