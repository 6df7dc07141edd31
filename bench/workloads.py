"""The work that is measured. Every runtime gets the same, through `Subject`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bench.disk import Disk
from bench.figures import Figures, Meter, bytes_on_disk, percentiles, rss_mb
from bench.raw import commit_loop
from bench.subject import ANSWER, Open, Setting, Subject

_WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A subject on its disk."""

    open: Open
    setting: Setting
    disk: Disk

    def elsewhere(self, name: str) -> "Bench":
        """The same subject on a database of its own."""
        folder = self.setting.folder / name
        folder.mkdir()
        return replace(self, setting=replace(self.setting, folder=folder))


async def sequential(bench: Bench, *, runs: int) -> Figures:
    """Messages one after another, each in a conversation of its own: message, tool, answer."""
    async with bench.open(bench.setting) as subject:
        await _repeat(_WARM_UP, lambda number: _answered(subject, f"warm-{number}"))
    before = bytes_on_disk(bench.setting.folder)
    async with bench.open(bench.setting) as subject:
        await _answered(subject, "first")
        meter, commits = Meter(bench.disk), subject.commits
        seconds = await _repeat(runs, lambda number: _answered(subject, f"c{number}"))
        found = meter.read(runs) | percentiles("run", seconds) | _committed(subject, commits, runs)
        with bench.disk.free():
            free = Meter(bench.disk)
            await _repeat(runs, lambda number: _answered(subject, f"free-{number}"))
            found["free_runs_per_s"] = free.read(runs)["runs_per_s"]
    found["bytes"] = (bytes_on_disk(bench.setting.folder) - before) / (2 * runs + 1)
    return found | {"rss_mb": rss_mb()}


async def raw(bench: Bench, *, commits: int) -> Figures:
    """Nothing but commits: what this machine can do at best."""
    return commit_loop(bench.setting.folder, commits=commits)


async def at_once(bench: Bench, *, runs: int, rounds: int) -> Figures:
    """So many messages at the same moment, each in a conversation of its own; the median round counts."""
    taken = []
    async with bench.open(bench.setting) as subject:
        await _repeat(_WARM_UP, lambda number: _answered(subject, f"warm-{number}"))
        for turn in range(rounds + 1):
            meter, commits = Meter(bench.disk), subject.commits
            seconds = await asyncio.gather(
                *(_timed(_answered(subject, f"round-{turn}-{number}")) for number in range(runs))
            )
            taken.append(meter.read(runs) | percentiles("run", seconds) | _committed(subject, commits, runs))
    taken = sorted(taken[1:], key=lambda figures: figures["runs_per_s"])
    return taken[len(taken) // 2] | {"rss_mb": rss_mb()}


async def suspend_resume(bench: Bench, *, runs: int) -> Figures:
    """A risky call waits; everything is closed and opened anew; a person approves; the answer comes."""
    return await _suspend_resume(bench, runs, lambda number: f"c{number}")


async def after_history(bench: Bench, *, runs: int, earlier: int) -> Figures:
    """The same in a new conversation each, and in one that has had so many runs before."""
    fresh = await _suspend_resume(bench.elsewhere("fresh"), runs, lambda number: f"c{number}")
    long = bench.elsewhere("long")
    async with long.open(long.setting) as subject:
        with bench.disk.free():
            await _repeat(earlier, lambda _: _answered(subject, "the-same"))
    late = await _suspend_resume(long, runs, lambda _: "the-same")
    found: Figures = {f"new_{name}": value for name, value in fresh.items()}
    found |= {f"late_{name}": value for name, value in late.items()}
    found["growth"] = late["whole_p50_ms"] / fresh["whole_p50_ms"]
    found["decide_growth"] = late["decide_p50_ms"] / fresh["decide_p50_ms"]
    return found


async def backlog(bench: Bench, *, runs: int, waiting: int) -> Figures:
    """Suspend and resume in a file that holds so many waiting runs already."""
    filled = time.perf_counter()
    async with bench.open(bench.setting) as subject:
        with bench.disk.free():
            for start in range(0, waiting, 100):
                await asyncio.gather(*(subject.suspend(f"w{start + number}") for number in range(100)))
    found = {"waiting": waiting, "fill_s": time.perf_counter() - filled}
    found["waiting_bytes"] = bytes_on_disk(bench.setting.folder) / waiting
    return found | await _suspend_resume(bench, runs, lambda number: f"c{number}") | {"rss_mb": rss_mb()}


async def _suspend_resume(bench: Bench, runs: int, conversation: Callable[[int], str]) -> Figures:
    suspends, opens, decides, wholes = [], [], [], []
    asked = settled = commits = 0
    async with bench.open(bench.setting) as subject:
        await _answered(subject, "warm")
    before = bytes_on_disk(bench.setting.folder)
    for number in range(runs + 2):
        async with bench.open(bench.setting) as subject:
            start, flushes = time.perf_counter(), bench.disk.flushes
            counted = subject.commits or 0
            ticket = await subject.suspend(conversation(number))
            suspends.append(time.perf_counter() - start)
            asked += bench.disk.flushes - flushes
            commits += (subject.commits or 0) - counted
        start = time.perf_counter()
        async with bench.open(bench.setting) as subject:
            opens.append(time.perf_counter() - start)
            start, flushes = time.perf_counter(), bench.disk.flushes
            counted = subject.commits or 0
            answer = await subject.decide(ticket)
            decides.append(time.perf_counter() - start)
            assert answer == ANSWER, answer
            settled += bench.disk.flushes - flushes
            commits += (subject.commits or 0) - counted
        wholes.append(suspends[-1] + decides[-1])
    found: Figures = {"runs": runs, "runs_per_s": len(wholes) / sum(wholes)}
    for name, seconds in (("suspend", suspends), ("open", opens), ("decide", decides), ("whole", wholes)):
        found |= percentiles(name, seconds[2:])
    found |= {"suspend_fsyncs": asked / (runs + 2), "decide_fsyncs": settled / (runs + 2)}
    found["commits"] = commits / (runs + 2) or None
    found["bytes"] = (bytes_on_disk(bench.setting.folder) - before) / (runs + 2)
    return found


async def _answered(subject: Subject, conversation: str) -> None:
    answer = await subject.message(conversation)
    assert answer == ANSWER, answer


async def _repeat(times: int, work: Callable[[int], Awaitable[Any]]) -> list[float]:
    return [await _timed(work(number)) for number in range(times)]


async def _timed(work: Awaitable[Any]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


def _committed(subject: Subject, before: int | None, runs: int) -> Figures:
    after = subject.commits
    return {"commits": None if after is None or before is None else (after - before) / runs}
