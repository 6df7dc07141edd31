"""The aims, and whether this run reached them."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.laboratory import OURS

KILOBYTE = 1024

# Milliseconds of processor time that a run took on the machine on which the aims were set (2 cores, Python 3.11.7).
WHERE_SET = {"pydantic-ai": 3.76, "openai-agents": 4.21, "langgraph": 5.16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    what: str
    aim: str
    found: float
    unit: str
    reached: bool


def aims_of(found: dict[str, Any]) -> tuple[Aim, ...]:
    one, many = found["sequential"][OURS], found["at_once"][OURS]
    resumed, backlog, history = found["resumed"][OURS], found["backlog"][OURS], found["history"][OURS]
    ready, executions = found["ready"], found["executions"][OURS]
    waiting = f"{backlog['waiting']:,}"
    return (
        _least("runs one after another", one["runs_per_s"], 180, "/s"),
        _most("commits of such a run", one["commits"], 3.05, "", shown="3"),
        _least("runs, 200 at once", many["runs_per_s"], 1_500, "/s"),
        _most("decision to answer, fresh object, p50", resumed["decide_p50_ms"], 5, "ms"),
        _most(f"the same with {waiting} waiting runs", backlog["decide_p50_ms"], 5, "ms"),
        _most("decision to answer after 100 runs in the conversation, times", history["decide_growth"], 1.7, "×"),
        _most("suspend and resume after 100 runs, times", history["growth"], 1.7, "×"),
        _most("on disk for a run with all its events", one["bytes"] / KILOBYTE, 6, "KB"),
        _most("ready without a platform", ready["ready_ms"], 600, "ms"),
        _most("memory then", ready["rss_mb"], 60, "MB"),
        _most("executions, killed in mid-call", executions["killed"]["executions"], 1, ""),
        _most("executions, approved twice at once", executions["twice"]["executions"], 1, ""),
    )


def slowness(found: dict[str, Any]) -> float | None:
    """How many times the processor time of the machine of the aims this one takes for the same; None without those peers."""
    here = found["sequential"]
    times = [here[peer]["cpu_ms"] / cpu_ms for peer, cpu_ms in WHERE_SET.items() if peer in here]
    return median(times) if times else None


def _least(what: str, found: float, aim: float, unit: str) -> Aim:
    return Aim(what=what, aim=f"≥ {aim:,g}", found=found, unit=unit, reached=found >= aim)


def _most(what: str, found: float, aim: float, unit: str, *, shown: str = "") -> Aim:
    return Aim(what=what, aim=f"≤ {shown or f'{aim:,g}'}", found=found, unit=unit, reached=found <= aim)
