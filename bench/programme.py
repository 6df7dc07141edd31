"""What is measured, and how often. All subjects get the same work; only the numbers of repetitions differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.demonstrations import approved_twice, killed_in_mid_call, ready, restarted
from bench.figures import Figures
from bench.laboratory import OURS, ROOT, Laboratory

_PLATFORMS = (("slack",), ("discord",), ("slack", "discord"))
PEERS = ("langgraph", "openai-agents", "pydantic-ai")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything: (ours, peers)."""

    sequential: tuple[int, int] = (300, 120)
    resumed: tuple[int, int] = (60, 30)
    waiting: tuple[int, int] = (10_000, 1_000)
    earlier: int = 100
    rounds: tuple[int, int] = (5, 1)
    restarts: int = 5
    commits: int = 600


QUICK = Size(sequential=(100, 40), resumed=(20, 10), waiting=(2_000, 200), rounds=(3, 1), restarts=3, commits=300)
AT_ONCE = 200


def measure_all(laboratory: Laboratory, size: Size, say: Say) -> dict[str, Any]:
    """Every figure of this run, by workload and subject."""
    subjects = (OURS, *PEERS) if laboratory.peers is not None else (OURS,)
    found: dict[str, Any] = {"raw": [_raw(laboratory, size)]}
    for name, section in _SECTIONS.items():
        found[name] = {}
        for subject in subjects:
            say(f"{name}: {subject}")
            found[name][subject] = section(laboratory, subject, size)
    say("raw, and readiness")
    found["variants"] = _variants(laboratory, size)
    found["ready"] = _ready(laboratory)
    found["ready_on"] = {" and ".join(names): _ready(laboratory, *names) for names in _PLATFORMS}
    found["raw"].append(_raw(laboratory, size))
    found["commits_per_s"] = sum(raw["commits_per_s"] for raw in found["raw"]) / 2
    return found


def _raw(laboratory: Laboratory, size: Size) -> Figures:
    return laboratory.measure(OURS, "raw", commits=size.commits)


def _sequential(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    runs = size.sequential[subject != OURS]
    found = laboratory.measure(subject, "sequential", runs=runs)
    with laboratory.model_server() as url:
        over_http = laboratory.measure(subject, "sequential", model_url=url, runs=runs)
    return found | {f"http_{name}": value for name, value in over_http.items()}


def _resumed(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    found = laboratory.measure(subject, "suspend_resume", runs=size.resumed[subject != OURS])
    again = restarted(laboratory.stage(subject), runs=size.restarts)
    return found | {f"restarted_{name}": value for name, value in again.items()}


def _backlog(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    peer = subject != OURS
    return laboratory.measure(subject, "backlog", runs=size.resumed[peer], waiting=size.waiting[peer])


def _history(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    return laboratory.measure(subject, "after_history", runs=size.resumed[subject != OURS] // 2, earlier=size.earlier)


def _at_once(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    return laboratory.measure(subject, "at_once", runs=AT_ONCE, rounds=size.rounds[subject != OURS])


def _executions(laboratory: Laboratory, subject: str, size: Size) -> Figures:
    return {
        "killed": killed_in_mid_call(laboratory.stage(subject)),
        "twice": approved_twice(laboratory.stage(subject)),
    }


_SECTIONS: dict[str, Callable[[Laboratory, str, Size], Figures]] = {
    "sequential": _sequential,
    "resumed": _resumed,
    "backlog": _backlog,
    "history": _history,
    "at_once": _at_once,
    "executions": _executions,
}


def _variants(laboratory: Laboratory, size: Size) -> dict[str, Figures]:
    """Ours with a courier that delivers to a platform in the process: whole answers, and streamed ones."""
    found = {}
    for variant in ("courier", "streaming"):
        found[variant] = laboratory.measure(OURS, "sequential", variant=variant, runs=size.sequential[0])
        found[f"{variant}, {AT_ONCE} at once"] = laboratory.measure(
            OURS, "at_once", variant=variant, runs=AT_ONCE, rounds=size.rounds[0]
        )
    return found


def _ready(laboratory: Laboratory, *platforms: str) -> Figures:
    folder, environment = laboratory.disk()
    with laboratory.chat_server() as settings:
        return ready(laboratory.python_of(OURS), ROOT, folder, environment | settings, times=5, platforms=platforms)
