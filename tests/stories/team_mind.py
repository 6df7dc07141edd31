"""A model that knows nothing but what its context says: what it remembers, it was reminded of."""

import json
import re

from runtime.models.port import ModelRequest, Part, Role
from tests.fakes.scripted import call, directive, observed

LESSON = "Before a deploy of the site, read RUNBOOK.md: it says how."
_CALLED = re.compile(r"staging cluster is (?:now )?called (\w+)")


def team_mind(request: ModelRequest) -> str:
    match request.role:
        case Role.ACTION:
            return _plan(request)
        case Role.THINKER:
            return _answer(request)
        case Role.MEMORY:
            return _decide(request)
        case Role.CRITIC:
            return _criticise(request)


def _plan(request: ModelRequest) -> str:
    if "deploy" not in _asked(request) or observed(request):
        return directive()
    skill = [call("read_skill", name="deploying")] if "deploying" in request.messages[0].text else []
    return directive(
        *skill, call("read_file", path="RUNBOOK.md" if "RUNBOOK.md" in _reminded(request) else "deploy.cfg")
    )


def _answer(request: ModelRequest) -> str:
    if "deploy" in _asked(request):
        read = [each.call.observation for each in request.messages if each.part is Part.OBSERVATION and each.call]
        where = f" on {_staging(request)}" if "staging" in _asked(request) else ""
        return f"It is deployed{where}." if all(each is not None and each.ok for each in read) else "The deploy failed."
    if "which cluster" in _asked(request):
        known = _staging(request)
        return f"It is {known}." if known else "I do not know."
    return "Noted."


def _staging(request: ModelRequest) -> str:
    """What staging is called, and where that is known from; "" where nobody said."""
    found = ((line, _CALLED.search(line)) for line in _reminded(request).splitlines())
    return next((f"{called[1]} ({line.split(' (')[0]})" for line, called in found if called), "")


def _decide(request: ModelRequest) -> str:
    said = request.messages[-1].text
    now, _, remembered = said.partition("What is remembered already:")
    found = _CALLED.search(now)
    if found is None:
        return json.dumps({"should_store": False, "reason": "There is nothing in it for later."})
    older = [int(number) for number in re.findall(r"memory (\d+) .*staging", remembered)]
    memory = {"scope": "team", "type": "fact", "importance": 0.8, "supersedes": older}
    summary = f"The staging cluster is called {found[1]}"
    return json.dumps({"should_store": True, "reason": "People use this name.", "summary": summary, **memory})


def _criticise(request: ModelRequest) -> str:
    read = request.messages[-1].text
    failed = "deploy.cfg" in read
    at_hand = [int(number) for number in re.findall(r"lesson (\d+):", read)]
    return json.dumps(
        {
            "succeeded": not failed, "summary": "A run.", "worked": "", "failed": "The deploy." if failed else "",
            "lesson": LESSON if failed else None, "confidence": 0.9,
            "lessons": [{"id": number, "verdict": "misled" if failed else "helped"} for number in at_hand],
        }
    )  # fmt: skip


def _asked(request: ModelRequest) -> str:
    return next(each.text for each in reversed(request.messages) if each.part is Part.REQUEST)


def _reminded(request: ModelRequest) -> str:
    return "\n".join(each.text for each in request.messages if each.part is Part.MEMORY)
