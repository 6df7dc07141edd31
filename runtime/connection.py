"""Whether a platform and we can hear each other now, and why not."""

import logging
from collections.abc import Callable

from msgspec import Struct

log = logging.getLogger(__name__)


class Health(Struct, frozen=True, kw_only=True):
    """Whether messages arrive now; `words` say why not, for a person."""

    ok: bool
    words: str


class ConnectionState:
    """Set by the connection itself. An ending is for good: only a new start can follow it.

    `name` is the platform's for people; what is said of a trouble goes through `redacted` first.
    """

    def __init__(self, name: str, *, redacted: Callable[[str], str]) -> None:
        self.connected = False
        self._name = name
        self._redacted = redacted
        self._trouble = "no answer yet"
        self._ended = ""

    @property
    def ended(self) -> str:
        """Why it ended for good; "" while it did not."""
        return self._ended

    def health(self) -> Health:
        if self._ended:
            return Health(ok=False, words=f"{self._name}: {self._ended}")
        if self.connected:
            return Health(ok=True, words=f"{self._name}: connected")
        return Health(ok=False, words=f"{self._name}: not connected ({self._trouble})")

    def connect(self) -> None:
        if not self.connected:
            log.info("%s: connected", self._name)
        self.connected, self._trouble = True, ""

    def disconnect(self, why: str) -> None:
        why = self._redacted(why)
        if self.connected or why != self._trouble:
            log.warning("%s: not connected (%s)", self._name, why)
        self.connected, self._trouble = False, why

    def stop(self) -> None:
        """We leave: nothing that anybody has to be warned of."""
        if self.connected:
            log.info("%s: stopped", self._name)
        self.connected, self._trouble = False, "stopped"

    def end(self, why: str) -> None:
        why = self._redacted(why)
        log.error("%s: %s; nothing is received or posted until Mallard is started with a good token", self._name, why)
        self._ended, self.connected = why, False
