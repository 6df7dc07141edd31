"""A run as its critic reads it: what was asked, what was done, what came of it; bounded, without secrets. Pure."""

from collections.abc import Iterator

import orjson

from runtime.masking import Masker
from runtime.records import Run, ToolCall
from runtime.showing import shortened
from runtime.taint import taint_of

LONGEST = 24_000
_LONGEST_REQUEST = 4_000
_LONGEST_ANSWER = 4_000
_LONGEST_OUTPUT = 600
_LONGEST_ARGUMENTS = 400


def transcript(run: Run, masker: Masker, *, trusted: bool) -> str:
    """At most LONGEST characters; the middle of the work is left out first.

    What came back from outside is told by its outcome alone: a lesson must not be dictated by a page. Unless the
    conversation is `trusted` to have read nothing of the kind, the answer, which may quote it, is left out as well.
    """
    head = f"Request: {_cut(run.request, _LONGEST_REQUEST, masker)}\n"
    tail = f"\nEnded: {run.status}. {_ending(run, masker, trusted=trusted and not taint_of(run))}"
    lines = [line for step in run.steps for call in step.calls for line in _told(call, masker)]
    return head + "\n".join(_within(lines, LONGEST - len(head) - len(tail))) + tail


def _told(call: ToolCall, masker: Masker) -> Iterator[str]:
    arguments = masker.mask(orjson.dumps(masker.mask_value(dict(call.arguments))).decode())
    yield f"Call {call.number}: {call.tool} {shortened(arguments, _LONGEST_ARGUMENTS)}"
    observation = call.observation
    if observation is None:
        yield f"  {call.state}"
    elif call.denial is not None:
        yield f"  denied by {call.denial.by}: {_cut(call.denial.reason, _LONGEST_OUTPUT, masker)}"
    else:
        outcome = "succeeded" if observation.ok else f"failed ({observation.error or 'no reason given'})"
        if call.reads_untrusted:
            yield f"  {outcome}; {len(observation.text)} characters came back, which are not shown"
        else:
            yield f"  {outcome}: {_cut(observation.text, _LONGEST_OUTPUT, masker)}"


def _ending(run: Run, masker: Masker, *, trusted: bool) -> str:
    if run.answer is None:
        return f"It was told: {_cut(run.failure, _LONGEST_ANSWER, masker)}"
    if not trusted:
        return f"An answer of {len(run.answer)} characters was given, which may quote what was read and is not shown."
    return f"Answer: {_cut(run.answer, _LONGEST_ANSWER, masker)}"


def _cut(text: str, limit: int, masker: Masker) -> str:
    """What is cut is masked first: half a secret is not known for one any more."""
    return shortened(masker.mask(text), limit)


def _within(lines: list[str], room: int) -> list[str]:
    """The lines that fit: as many of the first as of the last."""
    if sum(len(line) + 1 for line in lines) <= room:
        return lines
    kept_first, kept_last, room = list[str](), list[str](), room - 60
    first, last = 0, len(lines) - 1
    while first <= last:
        takes_first = len(kept_first) <= len(kept_last)
        line = lines[first] if takes_first else lines[last]
        room -= len(line) + 1
        if room < 0:
            break
        if takes_first:
            kept_first.append(line)
            first += 1
        else:
            kept_last.append(line)
            last -= 1
    return [*kept_first, f"[… {last - first + 1} lines left out …]", *reversed(kept_last)]
