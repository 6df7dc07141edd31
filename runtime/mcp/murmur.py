"""What a server says beside the protocol: kept short, without its secrets, for the log and for the doctor."""

import logging
import re
import time
from collections import deque

from runtime.redaction import redacted
from runtime.tools.visible import make_visible

_LONGEST = 400
_MOST_A_MINUTE = 60
_KEPT = 3
_MINUTE = 60.0

log = logging.getLogger(__name__)


def silence_sdk() -> None:
    """The SDK logs what servers send, in full: we say in our own words what went wrong. `client` is one of its loggers."""
    for name in ("mcp", "client"):
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)


def secrets_pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of these values; nothing where there are none."""
    longest_first = sorted(secrets, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


class Murmur:
    """The lines that a server writes to stderr, and those on stdout that are not the protocol."""

    def __init__(self, name: str, secrets: tuple[str, ...]) -> None:
        self._name = name
        self._secrets = secrets_pattern(secrets)
        self._last: deque[str] = deque(maxlen=_KEPT)
        self._begun = ""
        self._minute, self._logged = 0.0, 0

    def hear(self, text: str) -> None:
        """Take the next piece; half a line waits for its other half, but not for ever."""
        *lines, self._begun = (self._begun + text).split("\n")
        if len(self._begun) > 4 * _LONGEST:
            lines, self._begun = [*lines, self._begun], ""
        for line in lines:
            self.hear_line(line)

    def hear_line(self, line: str) -> None:
        words = self.told(line)
        if not words:
            return
        self._last.append(words)
        if self._may_log():
            log.info("mcp server %s: %s", self._name, words)

    def told(self, text: str) -> str:
        """Text of the server as it may be repeated: its secrets masked, visible, and short."""
        masked = redacted(text[: 8 * _LONGEST], self._secrets).strip()
        words = make_visible(masked)
        return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"

    @property
    def last_words(self) -> str:
        if self._begun.strip():
            self.hear_line(self._begun)
            self._begun = ""
        return " / ".join(self._last)

    def _may_log(self) -> bool:
        now = time.monotonic()
        if now - self._minute >= _MINUTE:
            self._minute, self._logged = now, 0
        self._logged += 1
        if self._logged == _MOST_A_MINUTE:
            log.warning("mcp server %s says a great deal; the rest of this minute is left out", self._name)
        return self._logged < _MOST_A_MINUTE
