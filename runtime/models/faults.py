"""What went wrong with a model call, in words for people, and whether trying again makes sense."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from runtime.errors import ModelRefused
from runtime.models.endpoint import Endpoint
from runtime.pauses import LONGEST_ABSENCE

_LATER = frozenset({408, 409, 425, 429})
_NO_CREDIT = ("insufficient_quota", "billing_hard_limit")


class Passing(Exception):
    """A fault that may be gone on the next try. `retry_after` is what the server asked for, in seconds."""

    def __init__(self, words: str, *, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


def fault_of(status: int, text: str, retry_after: str | None, endpoint: Endpoint) -> Passing | ModelRefused:
    """What an answer with this status means."""
    said, ours = complaint_in(text, endpoint), endpoint.settings
    if status in _LATER or status >= 500:
        if any(word in text for word in _NO_CREDIT):
            return ModelRefused(f"{endpoint.shown} has no credit left{said}. Check the account behind {ours}_API_KEY.")
        return Passing(f"it answered {status}{said}", retry_after=seconds_to_wait(retry_after))
    advice = {
        401: f"did not accept the key: set {ours}_API_KEY",
        402: f"wants to be paid: check the account behind {ours}_API_KEY",
        403: f"does not allow this with this key: check {ours}_API_KEY and what it may use",
        404: f"does not exist: check {ours}_NAME, and that {ours}_BASE_URL ends as the server wants (mostly /v1)",
        413: "was sent more than it takes: choose a model with a larger context",
    }
    if 300 <= status < 400:
        return ModelRefused(f"{endpoint.shown} answered with a redirect: set {ours}_BASE_URL to where it leads")
    otherwise = f"refused the request ({status}): check {ours}_NAME and the model's extra parameters"
    return ModelRefused(f"{endpoint.shown} {advice.get(status, otherwise)}{said}")


def complaint_in(text: str, endpoint: Endpoint) -> str:
    """The server's own words, short and without the key, as they go behind a sentence."""
    words = " ".join(_words(text).split())
    if endpoint.api_key:
        words = words.replace(endpoint.api_key, "…")
    return f": {words[:200]}" if words else ""


def seconds_to_wait(header: str | None) -> float | None:
    """A Retry-After header, given as seconds or as a date, at most an hour. None where it says nothing."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_ABSENCE.total_seconds()) if seconds == seconds else None


def _words(text: str) -> str:
    try:
        body: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return "" if text.lstrip().startswith("<") else text
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or ""
    try:
        return error if isinstance(error, str) else orjson.dumps(error).decode()
    except orjson.JSONEncodeError:  # it reads deeper than it writes
        return ""
