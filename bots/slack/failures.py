"""What went wrong with a call to Slack, in the three words that the runtime knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from runtime.errors import PlatformError, PlatformLimited, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.pauses import seconds_asked

RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNPROCESSED = frozenset({"service_unavailable", "request_timeout", "team_added_to_org", "org_login_required"})
UNCLEAR = frozenset({"internal_error", "fatal_error", ""})
CREDENTIALS = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
)
_CREDENTIALS_PAUSE = 60.0


class SlackRefused(PlatformRefused):
    """Slack's own error code, for those who know a way around it."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


@contextmanager
def writing() -> Iterator[None]:
    """Calls that must not happen twice: what is unclear stays unclear."""
    try:
        yield
    except (TimeoutError, SlackClientError, aiohttp.ClientError, OSError) as error:
        raise translated(error) from error


@contextmanager
def repeatable() -> Iterator[None]:
    """Reads, and writes that can simply be done again: what is unclear has not happened."""
    try:
        with writing():
            yield
    except PlatformUnclear as error:
        raise PlatformUnavailable(str(error)) from error


def translated(error: BaseException) -> PlatformError:
    match error:
        case SlackApiError():
            return _answered(error)
        case SlackClientError():
            return PlatformRefused(f"Slack's library refused the request: {error}")
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | aiohttp.InvalidURL():
            return PlatformUnavailable(f"Slack cannot be reached ({type(error).__name__})")
        case _:
            return PlatformUnclear(f"Slack did not answer ({type(error).__name__})")


def error_code(error: SlackApiError) -> str:
    body = getattr(error.response, "data", None)
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def _answered(error: SlackApiError) -> PlatformError:
    code, status = error_code(error), _status(error.response)
    if status == 429 or code in RATE_LIMITED:
        return PlatformLimited("Slack asks for patience", retry_after=_retry_after(error.response))
    if code in UNPROCESSED:
        return PlatformUnavailable(f"Slack is not available now ({code})")
    if code in CREDENTIALS:
        return PlatformUnavailable(f"Slack does not take our token ({code})", retry_after=_CREDENTIALS_PAUSE)
    if code in UNCLEAR or status >= 500:
        return PlatformUnclear(f"Slack failed ({code or status})")
    return SlackRefused(code, f"Slack refused: {code}{_reasons(error.response)}")


def _status(response: Any) -> int:
    return int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)


def _retry_after(response: Any) -> float | None:
    headers = getattr(response, "headers", None) or {}
    return seconds_asked(next((value for name, value in headers.items() if name.lower() == "retry-after"), None))


def _reasons(response: Any) -> str:
    metadata = (getattr(response, "data", None) or {}).get("response_metadata") or {}
    messages = [str(message) for message in metadata.get("messages", ())][:3]
    return f" ({'; '.join(messages)})" if messages else ""
