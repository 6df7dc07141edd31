"""`make bench`, or `python -m bench [--quick] [--no-peers]`: measure everything, print it, keep it in bench/out/."""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from pathlib import Path

from rich.console import Console

from bench.disk import FLUSH_US, build_shim, folder
from bench.laboratory import ROOT, Laboratory
from bench.peer_venv import peers_python
from bench.programme import QUICK, Size, measure_all
from bench.report import print_report

_OUT = Path(__file__).with_name("out")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a quarter of the work: for a first look")
    parser.add_argument("--no-peers", action="store_true", help="Mallard alone; installs nothing")
    parser.add_argument(
        "--show", type=Path, metavar="FILE", help="print an earlier run's figures again, measure nothing"
    )
    asked = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 180)
    if asked.show:
        print_report(json.loads(asked.show.read_text()), console)
        return
    progress, started, load = Console(stderr=True), time.monotonic(), os.getloadavg()[0]
    if load > 1:
        progress.print(
            f"[yellow]The machine is busy already (load {load:.1f}): times will be longer than they need be.[/]"
        )
    shim = build_shim(_OUT)
    with folder() as place:
        peers = None if asked.no_peers else peers_python()
        laboratory = Laboratory(folder=place, shim=shim, peers=peers)
        found = measure_all(laboratory, QUICK if asked.quick else Size(), lambda words: progress.print(f"… {words}"))
    found["machine"] = {
        "processors": os.cpu_count(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        "flush_us": FLUSH_US, "load_before": load, "seconds": time.monotonic() - started,
    }  # fmt: skip
    kept = _OUT / "bench.json"
    kept.write_text(json.dumps(found, indent=1, sort_keys=True))
    print_report(found, console)
    machine = found["machine"]
    console.print(
        f"{machine['processors']} processors, load {machine['load_before']:.1f} before · Python {machine['python']}, SQLite "
        f"{machine['sqlite']} · {machine['seconds']:.0f} s · {kept.relative_to(ROOT)}"
    )


if __name__ == "__main__":
    main()
