"""Every point of a gated run, and what happens to a process that dies there."""

import hashlib
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

from runtime.records import Effect
from tests.crashes.aftermath import check_aftermath
from tests.crashes.commits import SCHEMA
from tests.crashes.nursery import Nursery
from tests.crashes.points import check_complete, read_journal
from tests.crashes.trial import UNTIL_REST, Fate, Life
from tests.storage.blank import lay_blank

_ENOUGH = 5  # failures, after which nobody needs to see more
_TRIES = 6  # two things may happen in the other order, and a point then comes up a little later, or under a new number


class Enumeration(Struct, kw_only=True):
    """The points of one kind of run. `failures` say for each point what was found broken after dying there."""

    nursery: Nursery
    folder: Path
    effect: Effect
    streams: bool = True
    gated: bool = True
    question: bool = False
    thinks: bool = False
    failures: list[str] = field(default_factory=list)
    trials: int = 0

    def points(self) -> tuple[str, ...]:
        """The names of all points of a run that nobody disturbs, in order."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        life = self._life(folder, 1)
        assert self.nursery.live(life) == 0
        check_aftermath(folder, self.effect, gated=self.gated, question=self.question, thinks=self.thinks)
        points = read_journal(life.journal)
        check_complete(points, gated=self.gated or self.question, acts=not self.question, streams=self.streams)
        return points

    def die_at(self, point: str) -> None:
        """Die there, come back, and look. A failure is noted, so that all of them are seen."""
        if len(self.failures) < _ENOUGH:
            self.come_back_from(point)

    def come_back_from(self, point: str) -> Path | None:
        """Die there, come back, and look. Returns the folder of all that is left."""
        for _ in range(_TRIES):
            folder = folder_to_die_in(self.folder, point)
            first = self._life(folder, 1, Fate(dies_at=point))
            if self.nursery.live(first) == signal.SIGKILL:
                assert read_journal(first.journal)[-1] == point
                self._recover(folder, point)
                return folder
        self.failures.append(f"{point}: it did not come up again in {_TRIES} runs")
        return None

    def die_twice(self, point: str) -> None:
        """Die there, and once more while recovering: at a point of the recovery that the first one's name picks."""
        folder = folder_to_die_in(self.folder, point)
        if (
            len(self.failures) >= _ENOUGH
            or self.nursery.live(self._life(folder, 1, Fate(dies_at=point))) != signal.SIGKILL
        ):
            return  # `die_at` has it
        again = int.from_bytes(hashlib.sha256(point.encode()).digest()[:4], "big") % 40 + 1
        self._die_again(folder, point, again)

    def die_twice_everywhere(self, point: str) -> Iterator[int]:
        """Die there, and once more at each point of the recovery in turn; yields how many trials there were so far."""
        again = 0
        while True:
            again += 1
            folder = folder_to_die_in(self.folder, point)
            if self.nursery.live(self._life(folder, 1, Fate(dies_at=point))) != signal.SIGKILL:
                continue
            if not self._die_again(folder, point, again):
                return
            yield again

    def _die_again(self, folder: Path, point: str, again: int) -> bool:
        """Whether the recovery had so many points."""
        second = self._life(folder, 2, Fate(dies_after=again))
        try:
            died = self.nursery.live(second) == signal.SIGKILL
        except AssertionError as broken:
            self.failures.append(f"{point}, then the recovery: {broken} ({folder})")
            return True
        where = f"{point}, then {read_journal(second.journal)[-1]}" if died else point
        self._recover(folder, where, told_again=True)
        return died

    def _recover(self, folder: Path, where: str, *, told_again: bool = False) -> None:
        self.trials += 1
        try:
            assert self.nursery.live(self._life(folder, 3, told_again=told_again)) == 0
            check_aftermath(folder, self.effect, gated=self.gated, question=self.question, thinks=self.thinks)
        except AssertionError as broken:
            self.failures.append(f"{where}: {broken} ({folder})")

    def _life(self, folder: Path, number: int, fate: Fate = UNTIL_REST, *, told_again: bool = False) -> Life:
        return Life(
            folder=str(folder),
            number=number,
            effect=self.effect,
            streams=self.streams,
            gated=self.gated,
            question=self.question,
            told_again=told_again,
            thinks=self.thinks,
            fate=fate,
        )


def folder_to_die_in(parent: Path, point: str) -> Path:
    """A new one. Whoever dies later than where the schema is written finds it there: it takes half a life to write."""
    folder = Path(tempfile.mkdtemp(dir=parent))
    if SCHEMA not in point:
        lay_blank(folder / "mallard.db")
    return folder
