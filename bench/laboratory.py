"""Where measurements are made: starts each in a process of its own, on a fresh folder, under the shim."""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.demonstrations import Stage
from bench.disk import environment
from bench.figures import Figures

ROOT = Path(__file__).resolve().parent.parent
OURS = "mallard"
_PATIENCE = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """`peers` is the interpreter that has the other runtimes, None where they are left out."""

    folder: Path
    shim: Path
    peers: Path | None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def python_of(self, subject: str) -> Path:
        return Path(sys.executable) if subject == OURS or self.peers is None else self.peers

    def measure(self, subject: str, workload: str, *, variant: str = "", model_url: str = "", **given: Any) -> Figures:
        """The figures of one workload. Raises CalledProcessError where it failed; what it said is on stderr."""
        folder = self._fresh()
        order = {"subject": subject, "workload": workload, "folder": str(folder / "db"), "with": given}
        order |= {"variant": variant, "model_url": model_url}
        (folder / "db").mkdir()
        done = subprocess.run(
            [self.python_of(subject), "-m", "bench.child", json.dumps(order)],
            cwd=ROOT, env=environment(self.shim, folder / "meter"), stdout=subprocess.PIPE, check=True,
            timeout=_PATIENCE, text=True,
        )  # fmt: skip
        found: Figures = json.loads(done.stdout.splitlines()[-1])
        return found

    def stage(self, subject: str) -> Stage:
        folder = self._fresh()
        return Stage(self.python_of(subject), ROOT, subject, folder / "stage", environment(self.shim, folder / "meter"))

    def disk(self) -> tuple[Path, dict[str, str]]:
        """A fresh folder, and the environment of a process on it."""
        folder = self._fresh()
        return folder / "db", environment(self.shim, folder / "meter")

    @contextmanager
    def model_server(self) -> Iterator[str]:
        """The address of a fast fake model in a process of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.model_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()
            process.communicate()

    @contextmanager
    def chat_server(self) -> Iterator[dict[str, str]]:
        """The settings that lead to a Slack and a Discord in a process of their own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.chat_server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            settings: dict[str, str] = json.loads(process.stdout.readline())
            yield settings
        finally:
            process.kill()
            process.communicate()

    def _fresh(self) -> Path:
        folder = self.folder / f"m{next(self._numbers)}"
        folder.mkdir()
        return folder
