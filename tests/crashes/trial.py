"""What is tried: one gated run, over as many lives of the process as it takes."""

from pathlib import Path

from msgspec import Struct, json

from runtime.records import Effect


class Fate(Struct, frozen=True, kw_only=True):
    """Where a process dies: at a named point, or after so many points. With neither it lives until all is at rest."""

    dies_at: str = ""
    dies_after: int = 0


UNTIL_REST = Fate()


class Chat(Struct, frozen=True, kw_only=True):
    """A chat platform to live on: its name, where it is, the bot's token, and the ids there of who asks and who decides."""

    platform: str
    url: str
    token: str
    space: str = ""
    asker: str
    decider: str


class Life(Struct, frozen=True, kw_only=True):
    """One process of a trial. `folder` is all that outlives it.

    `gated`: the policy asks a person for the deed. `question`: the agent asks one, and does nothing. `told_again` has the
    platform deliver the message once more although it was accepted. `thinks`: somebody thinks about the run once it is over.
    Without a `chat` to live on the platform is a wall.
    """

    folder: str
    number: int
    effect: Effect
    streams: bool
    gated: bool = True
    question: bool = False
    told_again: bool = False
    thinks: bool = False
    chat: Chat | None = None
    fate: Fate = UNTIL_REST

    @property
    def journal(self) -> Path:
        return Path(self.folder) / f"life-{self.number}.points"

    @property
    def pid(self) -> Path:
        """Holds the number of the process, once it lives."""
        return Path(self.folder) / f"life-{self.number}.pid"

    @property
    def serving(self) -> Path:
        """A pipe, into which the process says that it works what people bring."""
        return Path(self.folder) / f"life-{self.number}.serving"

    @property
    def log(self) -> Path:
        return Path(self.folder) / f"life-{self.number}.log"

    def to_line(self) -> str:
        return json.encode(self).decode()

    @staticmethod
    def from_line(line: str) -> "Life":
        return json.decode(line, type=Life)
