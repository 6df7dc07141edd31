"""Everything that happens in a soak, worked out from a seed before it begins. Pure: the same plan is the same deeds."""

from collections.abc import Iterator
from random import Random

from msgspec import Struct
from msgspec.structs import asdict, replace

from tests.soak.deeds import (
    HARMS,
    Ahead,
    Decide,
    DecideTogether,
    Deed,
    Intrude,
    Kill,
    Restart,
    Route,
    Say,
    Stop,
    Trouble,
    Verb,
)
from tests.soak.jobs import Job, Kind, Place
from tests.stories.sides.side import SIDES, SideName

_AT_LENGTH = 12  # one of so many jobs that need nobody is told at length
_VERBS: tuple[Verb, ...] = ("approve",) * 8 + ("deny", "change")
_ROUTES: tuple[Route, ...] = ("here", "here", "elsewhere", "elsewhere", "terminal")
_PLACES: tuple[Place, ...] = ("channel", "channel", "thread", "direct")


class Plan(Struct, frozen=True, kw_only=True):
    """`messages` in all, `approvals` of them ask for something risky; the rest grows with them. `seconds` is how long
    the deeds take until the last one is begun."""

    seed: int
    messages: int = 90
    approvals: int = 25
    kills: int = 6
    seconds: float = 30.0

    @property
    def spare(self) -> float:
        """For so many seconds more the deeds may wait for processes that come up."""
        return 2 * self.seconds

    @property
    def limit(self) -> float:
        """After so many seconds it is over at the latest, from the first start to the end of both processes."""
        return self.seconds + self.spare + 600.0

    @property
    def words(self) -> str:
        """What to tell `python -m tests.soak` for the same plan."""
        return " ".join(f"--{name} {value}" for name, value in asdict(self).items())

    def deeds(self) -> tuple[Deed, ...]:
        """In order. The first is a greeting on each platform, which nothing disturbs."""
        chance = Random(self.seed)
        timed: list[tuple[float, Deed]] = [(chance.random(), each) for each in self._sayings(chance)]
        # Decisions and trouble begin when there is something to decide and to disturb.
        timed += [(0.1 + 0.9 * chance.random(), each) for each in (*self._decisions(chance), *self._mishaps(chance))]
        timed.sort(key=lambda pair: pair[0])
        ordered = tuple(each for _, each in timed)
        return (*self._greetings(), *_paced(_numbered(ordered, chance), self.seconds, chance))

    def _greetings(self) -> Iterator[Deed]:
        for number, side in enumerate(SIDES, 1):
            yield Say(job=Job(number=number, side=side, place="channel", kind="tell"))

    def _sayings(self, chance: Random) -> Iterator[Say]:
        for number in range(self.messages - len(SIDES)):
            kind: Kind = "do" if number < self.approvals else "tell"
            if kind == "tell" and number % _AT_LENGTH == 0:
                kind = "tell at length"
            job = Job(number=0, side=chance.choice(SIDES), place=chance.choice(_PLACES), kind=kind)
            yield Say(job=job)

    def _decisions(self, chance: Random) -> Iterator[Deed]:
        for number in range(self.approvals + self.approvals // 8):
            route = chance.choice(_ROUTES)
            dies = chance.uniform(0.2, 1.5) if route == "terminal" and number % 4 == 0 else 0.0
            yield Decide(verb=chance.choice(_VERBS), route=route, dies=dies)
        yield from (DecideTogether() for _ in range(self.approvals // 6))
        yield from (Intrude() for _ in range(self.approvals // 8))
        yield from (Stop() for _ in range(self.approvals // 12))

    def _mishaps(self, chance: Random) -> Iterator[Deed]:
        for number in range(self.kills):
            side: SideName = SIDES[number % len(SIDES)]
            yield Kill(
                side=side,
                calls=chance.randrange(12),
                is_at_work=chance.random() < 0.4,
                away=chance.uniform(0.0, 2.0),
                gives_up=chance.random() < 0.3,
            )
            yield Trouble(
                side=chance.choice(SIDES), harm=HARMS[number % len(HARMS)], seconds=chance.choice((1.0, 2.0, 3.0))
            )
        yield from (Restart(side=chance.choice(SIDES), away=chance.uniform(0.0, 2.0)) for _ in range(self.kills // 3))
        yield from (Ahead(seconds=60.0) for _ in range(self.kills // 3))


def _numbered(deeds: tuple[Deed, ...], chance: Random) -> Iterator[Deed]:
    """Jobs get their numbers in the order in which they are said; a thread needs a job to continue."""
    roots: dict[SideName, list[int]] = {side: [number] for number, side in enumerate(SIDES, 1)}
    number = len(SIDES)
    for deed in deeds:
        if not isinstance(deed, Say):
            yield deed
            continue
        number += 1
        job = replace(deed.job, number=number)
        if job.place == "thread":
            job = replace(job, continues=chance.choice(roots[job.side][-8:]))
        elif job.place == "channel":
            roots[job.side].append(number)
        yield replace(deed, job=job)


def _paced(deeds: Iterator[Deed], seconds: float, chance: Random) -> Iterator[Deed]:
    """Now close together, now far apart, and so many seconds in all."""
    all_of_them = list(deeds)
    pauses = [chance.expovariate(1.0) for _ in all_of_them]
    scale = seconds / sum(pauses)
    for deed, pause in zip(all_of_them, pauses, strict=True):
        yield replace(deed, after=pause * scale)
