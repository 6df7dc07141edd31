"""`python -m bench.commands [RUNS]`: what a sandbox adds to a command, from the call to the observation."""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runtime.records import JsonObject, Risk, Workspace
from runtime.sandbox.finding import PATH, Found, find_sandbox, shell_of
from runtime.sandbox.port import Scenery
from runtime.sandbox.profiles import STRICT, approved
from runtime.tools.placement import Place
from runtime.tools.port import ToolScope
from runtime.tools.shell_exec_safe import ShellArguments, ShellExecSafe

_NOWHERE = "/nonexistent"
SANDBOXES: dict[str, Callable[[], Found]] = {
    "none": lambda: find_sandbox(Scenery(), path=_NOWHERE, landlock=False),
    "landlock": lambda: find_sandbox(Scenery(), path=_NOWHERE),
    "bubblewrap": lambda: find_sandbox(Scenery(), landlock=False),
}


async def _measure(find: Callable[[], Found], folder: Path, risk: Risk, target: str, runs: int) -> list[float]:
    tool, workspace = ShellExecSafe(find=find), Workspace(id="bench", path=str(folder))
    arguments = ShellArguments(command="true")

    async def ignore(anything: str | JsonObject) -> None:
        return None

    scope = ToolScope(workspace=workspace, key="1", on_output=ignore, audit=ignore, risk=risk, target=target)
    times = []
    for number in range(runs + 3):
        began = time.perf_counter()
        found = await tool.run(arguments, scope)
        if not found.ok:
            raise SystemExit(found.text)
        if number >= 3:  # the first ones look for the sandbox, and warm up
            times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    table = Table("sandbox", "profile", "p50 ms", "p99 ms", "added p50 ms")
    base = 0.0
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as name:
        folder = Path(name).resolve()
        for sandbox, find in SANDBOXES.items():
            if sandbox != "none" and find().sandbox is None:
                table.add_row(sandbox, find().why_not, "", "", "")
                continue
            for profile, risk in {"strict": Risk.NONE, "approved": Risk.HIGH}.items():
                if sandbox == "none" and profile == "strict":
                    continue
                target = str(Place.NOWHERE) if sandbox == "none" else ""
                times = asyncio.run(_measure(find, folder, risk, target, runs))
                p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
                base = base or p50
                table.add_row(sandbox, profile, f"{p50:.1f}", f"{p99:.1f}", f"{p50 - base:+.1f}")
        _probe(table, folder)
    Console().print(table)
    print(f"{runs} runs of `true` each; load {os.getloadavg()[0]:.1f}")


def _probe(table: Table, folder: Path) -> None:
    """What making the command line costs alone, in a workspace of some size."""
    for number in range(2_000):
        (folder / f"{number}.txt").touch()
    for sandbox in ("landlock", "bubblewrap"):
        found = SANDBOXES[sandbox]().sandbox
        if found is None:
            continue
        for profile in (STRICT, approved(network=False)):
            times = []
            for _ in range(50):
                with ExitStack() as lasting:
                    began = time.perf_counter()
                    found.enclose((*shell_of(), "-c", "true"), folder, profile, {"PATH": PATH}, lasting)
                    times.append((time.perf_counter() - began) * 1000)
            p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
            table.add_row(f"{sandbox}, 2,000 files", f"{profile.name}, command line", f"{p50:.1f}", f"{p99:.1f}", "")


if __name__ == "__main__":
    main()
