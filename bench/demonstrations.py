"""What needs more than one process: a restart, a death in the middle of an approved risky call, two people at once."""

import json
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Figures
from bench.subject import DEADLY, EXECUTIONS, SLOW

_PATIENCE = 60


class Stage:
    """Starts acts of one subject on one database, and counts how often its tool was executed."""

    def __init__(self, python: Path, root: Path, subject: str, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir()
        self._python, self._root, self._subject, self._folder = python, root, subject, folder
        self._counted = folder / "executions"
        self._environment = {**environment, EXECUTIONS: str(self._counted)}

    def start(self, act: str, ticket: str = "", **more: str) -> "subprocess.Popen[str]":
        order = {"act": act, "ticket": ticket, "subject": self._subject, "folder": str(self._folder)}
        return subprocess.Popen(
            [self._python, "-m", "bench.acts", json.dumps(order)],
            cwd=self._root, env={**self._environment, **more}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def play(self, act: str, ticket: str = "") -> str:
        """One act to its end; its last words."""
        out, _ = self.start(act, ticket).communicate(timeout=_PATIENCE)
        return out.strip().splitlines()[-1] if out.strip() else "(nothing was said)"

    @property
    def executions(self) -> int:
        return len(self._counted.read_text().splitlines()) if self._counted.exists() else 0


def killed_in_mid_call(stage: Stage) -> Figures:
    """Approve; the process is killed inside the tool; a new one recovers. The tool should have been executed once."""
    ticket = stage.play("suspend")
    first = stage.start("decide", ticket, **{DEADLY: "1"})
    first.communicate("go\n", timeout=_PATIENCE)
    assert first.returncode == -9, f"the process was to be killed in mid-call, and ended with {first.returncode}"
    words = stage.play("recover", ticket)
    return {"executions": stage.executions, "then": words[:120]}


def approved_twice(stage: Stage) -> Figures:
    """Two processes approve the same call at the same moment."""
    ticket = stage.play("suspend")
    people = [stage.start("decide", ticket, **{SLOW: "1"}) for _ in range(2)]
    for person in people:
        assert person.stdout is not None
        person.stdout.readline()
    for person in people:
        assert person.stdin is not None
        person.stdin.write("go\n")
        person.stdin.flush()
    said = [person.communicate(timeout=_PATIENCE)[0].strip()[:120] for person in people]
    return {"executions": stage.executions, "said": said}


def restarted(stage: Stage, *, runs: int) -> Figures:
    """Suspend in one process, approve in another that was started for it."""
    starts, decides = [], []
    for _ in range(runs):
        ticket = stage.play("suspend")
        begun = time.perf_counter()
        process = stage.start("time", ticket)
        assert process.stdout is not None
        process.stdout.readline()
        starts.append((time.perf_counter() - begun) * 1000)
        decides.append(float(process.communicate("go\n", timeout=_PATIENCE)[0]))
    return {"start_p50_ms": statistics.median(starts), "decide_p50_ms": statistics.median(decides), "runs": runs}


_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # as `make setup` leaves it, and the first start, which does not count


def ready(
    python: Path, root: Path, folder: Path, environment: Mapping[str, str], *, times: int, platforms: Sequence[str] = ()
) -> Figures:
    """From the start of a process to its readiness on these platforms, and what it then holds."""
    folder.mkdir()
    settings = {"MALLARD_DATABASE": str(folder / "mallard.db"), "MALLARD_WORKSPACE": str(folder / "workspace")}
    seconds, kilobytes, worked = [], [], []
    for _ in range(times + 1):
        start = time.perf_counter()
        process = subprocess.Popen(
            [python, "-m", "bench.readiness", *platforms], cwd=folder, text=True, stdout=subprocess.PIPE,
            env={**environment, **settings, "PYTHONPATH": str(root), **_COMPILED},
        )  # fmt: skip
        assert process.stdout is not None
        memory, cpu = process.stdout.readline().split()
        kilobytes.append(int(memory))
        worked.append(float(cpu))
        seconds.append(time.perf_counter() - start)
        process.communicate(timeout=_PATIENCE)
    return {
        "ready_ms": statistics.median(seconds[1:]) * 1000,
        "cpu_ms": statistics.median(worked[1:]) * 1000,
        "rss_mb": statistics.median(kilobytes[1:]) / 1024,
    }
