"""What people ask for in a soak, and what has to stand under it at the end. Pure.

A job's request names it, so does its answer, and every paragraph of the answer has a mark of its own: whoever finds each
mark once has seen the answer once, and whole.
"""

import re
from typing import Literal, TypeAlias

from msgspec import Struct

from tests.stories.sides.side import SideName

Place: TypeAlias = Literal["channel", "thread", "direct"]
Kind: TypeAlias = Literal["do", "tell", "tell at length"]

LEDGER = "ledger"
_PARAGRAPHS = 40
_FILLING = "what was found, in words that are there to take up room; " * 6
_REQUEST = re.compile(r"job (\d+): (do|tell at length|tell)\b")
_MARK = re.compile(r"\((\d+)\.(\d+)\)")


class Job(Struct, frozen=True, kw_only=True):
    """`do` is a risky call that somebody has to allow. In a thread it continues the thread of an earlier job."""

    number: int
    side: SideName
    place: Place
    kind: Kind
    continues: int = 0

    @property
    def request(self) -> str:
        return f"job {self.number}: {self.kind}"


def find_job(text: str) -> tuple[int, str] | None:
    """The number and the kind of a job that is asked for in a text."""
    found = _REQUEST.search(text)
    return None if found is None else (int(found[1]), found[2])


def answer_to(number: int, kind: str) -> str:
    count = _PARAGRAPHS if kind == "tell at length" else 1
    return "\n\n".join(f"Answer to job {number} ({number}.{part}) {_FILLING}" for part in range(1, count + 1))


def marks_of(number: int, kind: str) -> list[tuple[int, int]]:
    return marks_in(answer_to(number, kind))


def marks_in(text: str) -> list[tuple[int, int]]:
    """The marks that stand in a text, in order."""
    return [(int(number), int(part)) for number, part in _MARK.findall(text)]


def command_of(number: int) -> str:
    """What a `do` does: a line that stays, and then some time in which the process can die without having heard."""
    return f"echo {number} >> {LEDGER}; sleep 0.3"
