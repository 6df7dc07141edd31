"""How Discord says no.

A `Refusal` is an outcome that a correct app can meet (the message was deleted). A `Breach` is one that only a wrong
app meets (a malformed body); the loopback records it, and a test can assert that there was none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.fakes.slack.blockkit.shapes import Problem

Json = dict[str, Any]
WORDS: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30034: (429, "Maximum number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
}


class Refusal(Exception):
    def __init__(self, code: int, detail: str = "", *, status: int = 0) -> None:
        usual, words = WORDS.get(code, (400, "Something else"))
        super().__init__(f"{code} {words}: {detail}" if detail else f"{code} {words}")
        self.code = code
        self.status = status or usual
        self.words = words
        self.detail = detail

    @property
    def body(self) -> Json:
        return {"message": self.words, "code": self.code}


class Breach(Refusal):
    def __init__(self, *problems: Problem, code: int = 50035, status: int = 0) -> None:
        super().__init__(code, "; ".join(map(str, problems)), status=status)
        self.problems: Sequence[Problem] = problems

    @property
    def body(self) -> Json:
        return {**super().body, **({"errors": _nested(self.problems)} if self.code == 50035 else {})}


def breach(at: str, message: str) -> Breach:
    return Breach(Problem(at, message))


def check(problems: Iterable[Problem]) -> None:
    """Raise when there are any."""
    if found := list(problems):
        raise Breach(*found)


def _nested(problems: Iterable[Problem]) -> Json:
    """Discord's tree of errors: a level for each name in the pointer, the words under `_errors`."""
    tree: Json = {}
    for problem in problems:
        level = tree
        for name in filter(None, problem.pointer.split("/")):
            level = level.setdefault(name, {})
        level.setdefault("_errors", []).append({"code": "INVALID_FORM_BODY", "message": problem.message})
    return tree
