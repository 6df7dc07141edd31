"""HTTP mode: the same envelopes as signed POST requests to the app's own URL."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack.clock import Clock
from tests.fakes.slack.envelopes import Envelope, Pending

SIGNING_SECRET = "loopback-signing-secret"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()


class HttpMode:
    """`secret` and `clock_skew` can be set wrong, to see the app refuse."""

    def __init__(self, url: str, *, clock: Clock, session: aiohttp.ClientSession, ack_deadline: float) -> None:
        self.url = url
        self.secret = SIGNING_SECRET
        self.clock_skew = 0.0
        self.ack_deadline = ack_deadline
        self.statuses: list[int] = []
        self._clock = clock
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> bool:
        return True

    async def send(self, envelope: Envelope) -> Pending:
        pending = Pending(envelope)
        task = asyncio.get_running_loop().create_task(self._post(pending))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return pending

    async def verify_url(self) -> str:
        """The handshake that Slack does when the URL is entered; the challenge that came back."""
        body = {"token": "verification-token", "challenge": "quack", "type": "url_verification"}
        status, text = await self._exchange(json.dumps(body).encode(), "application/json", {})
        return text if status == 200 else f"HTTP {status}"

    async def _post(self, pending: Pending) -> None:
        envelope, start = pending.envelope, time.monotonic()
        if envelope.kind == "events_api":
            body, kind = json.dumps(envelope.payload).encode(), "application/json"
        else:
            form = envelope.payload if envelope.kind == "slash_commands" else {"payload": json.dumps(envelope.payload)}
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        extra = {}
        if envelope.retry_attempt:
            extra = {
                "X-Slack-Retry-Num": str(envelope.retry_attempt),
                "X-Slack-Retry-Reason": envelope.retry_reason,
            }
        try:
            async with asyncio.timeout(self.ack_deadline):
                status, text = await self._exchange(body, kind, extra)
        except TimeoutError:
            pending.settle(failure="http_timeout")
        except aiohttp.ClientError:
            pending.settle(failure="connection_failed")
        else:
            if 200 <= status < 300:
                pending.settle(took=time.monotonic() - start, payload=_payload(text))
            else:
                pending.settle(failure=f"http_error {status}")

    async def _exchange(self, body: bytes, kind: str, extra: dict[str, str]) -> tuple[int, str]:
        timestamp = str(int(self._clock.now() + self.clock_skew))
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.secret, timestamp, body),
            **extra,
        }
        async with self._session.post(self.url, data=body, headers=headers) as answer:
            self.statuses.append(answer.status)
            return answer.status, await answer.text()


def _payload(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}
