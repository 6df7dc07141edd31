"""Whether Slack and we can hear each other now, and why not."""

import logging

from bots.slack.redaction import redacted
from bots.slack.settings import Health

log = logging.getLogger(__name__)


class State:
    """`connected` is set by the connection. An ending is for good: only a new start can follow it."""

    def __init__(self) -> None:
        self.connected = False
        self._trouble = "not started"
        self._ended = ""

    @property
    def ended(self) -> str:
        return self._ended

    def health(self) -> Health:
        if self._ended:
            return Health(ok=False, words=f"Slack: {self._ended}")
        if self.connected:
            return Health(ok=True, words="Slack: connected")
        return Health(ok=False, words=f"Slack: not connected ({self._trouble})")

    def connect(self) -> None:
        if not self.connected:
            log.info("Slack: connected")
        self.connected, self._trouble = True, ""

    def disconnect(self, why: str) -> None:
        why = redacted(why)
        if self.connected or why != self._trouble:
            log.warning("Slack: not connected (%s)", why)
        self.connected, self._trouble = False, why

    def end(self, why: str) -> None:
        log.error("Slack: %s; nothing is received or posted until Mallard is started with a good token", why)
        self._ended, self.connected = why, False
