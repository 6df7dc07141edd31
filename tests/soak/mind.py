"""The model of a soak: it does what a job's words say, once, and then answers. What it says follows from what it is
asked alone, so a process that starts anew hears the same."""

import json
from typing import Any

from runtime.models.port import Role
from tests.fakes.model import Received
from tests.fakes.replies import Say
from tests.fakes.scripted import AFTERWARDS, call, directive
from tests.soak.jobs import answer_to, command_of, find_job

_CHANGE = "asked for changes"
_AFTERWARDS = {"memory": AFTERWARDS[Role.MEMORY], "reflection": AFTERWARDS[Role.CRITIC]}


def think(received: Received) -> Say:
    if (afterwards := _AFTERWARDS.get(_schema_of(received))) is not None:
        return Say(text=afterwards, piece=400)
    messages = [_text(message) for message in received.body["messages"]]
    spoken = [(index, find_job(text)) for index, text in enumerate(messages) if _is_from(received, index, "user")]
    index, found = next((index, job) for index, job in reversed(spoken) if job is not None)
    number, kind = found
    if not _wants_directive(received):
        return Say(text=answer_to(number, kind), piece=400)
    results = [text for text in messages[index + 1 :] if text.startswith("Call ")]
    again = len(results) == 1 and _CHANGE in results[0]
    if kind == "do" and (not results or again):
        return Say(text=directive(call("shell_exec_safe", command=command_of(number))), piece=400)
    return Say(text=directive(), piece=400)


def _schema_of(received: Received) -> str:
    return str(received.body.get("response_format", {}).get("json_schema", {}).get("name", ""))


def _wants_directive(received: Received) -> bool:
    return "response_format" in received.body or "planner" in _text(received.body["messages"][0])


def _is_from(received: Received, index: int, speaker: str) -> bool:
    return bool(received.body["messages"][index]["role"] == speaker)


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else json.dumps(content)
