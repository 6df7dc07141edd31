"""The signs that somebody is at work in a thread: the status line, and the session that has the Stop button."""

import asyncio
import contextlib
import logging

from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, repeatable
from bots.slack.settings import SlackSettings
from bots.slack.wording import escaped
from runtime.chores import Chores
from runtime.errors import PlatformError
from runtime.ports import StreamRequest
from runtime.showing import shortened

log = logging.getLogger(__name__)

_UNSUITABLE = frozenset({"missing_scope", "not_allowed_token_type", "access_denied", "unknown_method", "not_an_agent"})


class Signs:
    """Which of Slack's agent calls this app may make: what was refused for good is not tried again."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def allow(self, method: str) -> bool:
        return method not in self._refused

    def refuse(self, method: str, why: SlackRefused) -> None:
        if why.code in _UNSUITABLE:
            log.warning("Slack does not let this app use %s: %s", method, why)
            self._refused.add(method)


class Presence:
    """One run's signs of work. Words are sent at most once an interval, the newest only, and renewed in time."""

    def __init__(
        self, request: StreamRequest, clients: Clients, settings: SlackSettings, chores: Chores, signs: Signs
    ) -> None:
        self._request = request
        self._clients = clients
        self._settings = settings
        self._chores = chores
        self._signs = signs
        self._words = ""
        self._shown = ""
        self._news = asyncio.Event()
        self._calling = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def say(self, words: str) -> None:
        """Show these words from now on; "" for none. The first call of all opens the session."""
        self._words = words
        self._news.set()
        if self._task is None and self._request.where.thread:
            self._task = self._chores.spawn(self._keep(), "presence", endless=True)

    async def end(self, *, suspended: bool) -> None:
        """Take every sign away. Says nothing where nothing was said before."""
        if self._task is None:
            return
        async with self._calling:  # a call that is under way would still land, after the last word
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        if self._shown:
            await self._set_line("")
        await self._set_session("suspended" if suspended else "active")

    async def _keep(self) -> None:
        async with self._calling:
            await self._set_session("processing")
        while True:
            self._news.clear()
            async with self._calling:
                await self._set_line(self._words)
            await asyncio.sleep(self._settings.flush_interval)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.status_renewal if self._words else None):
                    await self._news.wait()

    async def _set_line(self, words: str) -> None:
        """Slack forgets the line after two minutes, and when a message of ours appears."""
        if not words and not self._shown:
            return
        where, method = self._request.where, "assistant.threads.setStatus"
        self._shown = words
        if not self._signs.allow(method):
            return
        try:
            with repeatable():
                await self._clients.writes.assistant_threads_setStatus(
                    channel_id=where.channel, thread_ts=where.thread, status=escaped(as_status(words))
                )
        except SlackRefused as refusal:
            self._signs.refuse(method, refusal)
        except PlatformError as error:
            log.debug("no status line: %s", error)

    async def _set_session(self, status: str) -> None:
        where, method = self._request.where, "agents.sessions.setStatus"
        if not self._signs.allow(method):
            return
        try:
            await set_session(self._clients, where.channel, where.thread, status, title=f"Run {self._request.run_id}")
        except SlackRefused as refusal:
            self._signs.refuse(method, refusal)
        except PlatformError as error:
            log.debug("no session status: %s", error)


def as_status(words: str) -> str:
    """Slack puts our name before it: "Mallard is thinking…"."""
    line = shortened(words, 90)
    if not line or line.startswith("is "):
        return line
    return f"is {line[0].lower()}{line[1:]}" if line[0].isupper() else f"is running {line}"


async def set_session(clients: Clients, channel: str, thread: str, status: str, *, title: str = "") -> None:
    """Raises PlatformError."""
    body = {"channel_id": channel, "thread_ts": thread, "status": status, **({"title": title} if title else {})}
    with repeatable():
        await clients.writes.api_call("agents.sessions.setStatus", json=body)
