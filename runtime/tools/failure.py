"""How a tool gives up in words."""

from runtime.records import Observation


class ToolFailed(Exception):
    """The tool cannot do this, and its message says so in words made for the planner and for people.

    Inside the tools' folder only: the gateway turns it into a failed observation with `code` as its error.
    """

    def __init__(self, words: str, *, code: str = "refused") -> None:
        super().__init__(words)
        self.code = code


def failed(code: str, text: str) -> Observation:
    """The observation of a call that did not do what it was to do."""
    return Observation(ok=False, text=text, error=code)
