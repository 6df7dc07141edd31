"""What `make bench` runs, at its smallest and with no price on a flush: it works, and what is no matter of speed holds."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.demonstrations import Stage, approved_twice, killed_in_mid_call
from bench.laboratory import OURS, ROOT

_WORKLOADS: Mapping[str, Mapping[str, int]] = {
    "sequential": {"runs": 3},
    "at_once": {"runs": 5, "rounds": 1},
    "suspend_resume": {"runs": 1},
    "backlog": {"runs": 1, "waiting": 100},
    "after_history": {"runs": 1, "earlier": 3},
}


def measured(folder: Path, workload: str, **given: int) -> Any:
    order = {"subject": OURS, "workload": workload, "folder": str(folder), "with": given}
    said = subprocess.run(
        [sys.executable, "-m", "bench.child", json.dumps(order)], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    return json.loads(said.splitlines()[-1])


def staged(folder: Path) -> Stage:
    return Stage(Path(sys.executable), ROOT, OURS, folder / "stage", os.environ)


@pytest.mark.parametrize(("workload", "given"), _WORKLOADS.items(), ids=_WORKLOADS)
def test_each_workload_is_done(tmp_path: Path, workload: str, given: Mapping[str, int]) -> None:
    assert measured(tmp_path, workload, **given)


def test_a_run_is_durable_in_three_commits_and_six_kilobytes(tmp_path: Path) -> None:
    found = measured(tmp_path, "sequential", runs=20)

    assert found["commits"] == 3
    assert found["bytes"] < 6 * 1024


def test_an_approved_call_whose_process_is_killed_in_the_middle_is_executed_once(tmp_path: Path) -> None:
    assert killed_in_mid_call(staged(tmp_path))["executions"] == 1


def test_a_call_that_two_processes_approve_at_once_is_executed_once(tmp_path: Path) -> None:
    assert approved_twice(staged(tmp_path))["executions"] == 1


def test_what_runs_beside_the_other_agents_needs_nothing_that_is_installed_for_mallard() -> None:
    here = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bench.acts, bench.child"

    subprocess.run([sys.executable, "-I", "-S", "-c", here], check=True)
