"""How Slack says no.

A `Refusal` is an outcome that a correct app can meet (the channel was archived). A `Breach` is one that only a
wrong app meets (a malformed block); the loopback records it, and a test can assert that there was none.
"""

from typing import Any


class Refusal(Exception):
    def __init__(self, error: str, /, detail: str = "", **extra: Any) -> None:
        super().__init__(f"{error}: {detail}" if detail else error)
        self.error = error
        self.detail = detail
        self.extra = extra


class Breach(Refusal):
    pass
