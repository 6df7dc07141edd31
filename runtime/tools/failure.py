"""How a tool gives up in words."""


class ToolFailed(Exception):
    """The tool cannot do this, and its message says so in words made for the planner and for people.

    Inside the tools' folder only: the gateway turns it into a failed observation with `code` as its error.
    """

    def __init__(self, words: str, *, code: str = "refused") -> None:
        super().__init__(words)
        self.code = code
