"""The two ways to call Slack: reads may be repeated by the client, writes never are."""

from typing import Any, Self

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.failures import repeatable
from bots.slack.redaction import library_logger
from bots.slack.settings import SlackSettings
from runtime.errors import PlatformUnavailable


class Clients:
    """One connection pool, two clients.

    The library repeats a request whose connection broke, even one that was processed: a message would stand there
    twice. So `writes` repeats nothing. Not even a 429, which was not processed for sure: whoever owes the message
    knows best when to try again, and what has become more urgent or newer in the meantime.
    """

    def __init__(self, settings: SlackSettings, session: aiohttp.ClientSession) -> None:
        count = settings.read_retries
        again = [
            AsyncRateLimitErrorRetryHandler(max_retry_count=max(count, 5)),
            *([AsyncConnectionErrorRetryHandler(count), AsyncServerErrorRetryHandler(count)] if count else []),
        ]
        self.session = session
        self.token = settings.bot_token
        self.reads = self._client(settings, again)
        self.writes = self._client(settings, [])

    @classmethod
    def open(cls, settings: SlackSettings) -> Self:
        timeout = aiohttp.ClientTimeout(total=settings.request_timeout, sock_connect=10)
        return cls(settings, aiohttp.ClientSession(timeout=timeout, trust_env=True))

    async def close(self) -> None:
        await self.session.close()

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Answer through a response URL: five times, for thirty minutes. Raises PlatformError."""
        with repeatable():
            async with self.session.post(url, json=body) as answer:
                if answer.status >= 400:
                    raise PlatformUnavailable(f"the response URL is no longer good ({answer.status})")

    def _client(self, settings: SlackSettings, handlers: list[Any]) -> AsyncWebClient:
        return AsyncWebClient(
            token=settings.bot_token,
            base_url=settings.api_base_url,
            session=self.session,
            retry_handlers=handlers,
            logger=library_logger(),
        )
