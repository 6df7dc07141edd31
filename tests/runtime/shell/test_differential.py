"""What the classifier calls harmless is run, and watched: it must write nothing, reach nobody and start nothing else.

Without a sandbox on purpose: the verdict has to hold by itself.
"""

import shutil
import subprocess

import pytest

from runtime.shell import Verdict, classify
from tests.runtime.shell.corpus import CANARY, make_repository, read_corpus
from tests.runtime.shell.tracing import find_strace, trace

_ENDLESS = ("tail -f", "top ", "yes", "vmstat")
_OF_THE_SHELL = {"bash"}


@pytest.fixture(scope="module")
def strace():
    found = find_strace()
    if found is None:
        pytest.skip("tracing is not possible here: there is no strace that may trace")
    return found


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return make_repository(tmp_path_factory.mktemp("differential"))


def _state(workspace):
    listing = subprocess.run(
        ["find", ".", "-type", "f", "-printf", "%p %s %T@ %m\n"], cwd=workspace, capture_output=True, check=True
    )
    return sorted(listing.stdout.splitlines())


@pytest.mark.promise(12)
@pytest.mark.timeout(600)
def test_what_may_run_at_once_only_reads_when_it_really_runs(strace, workspace, tmp_path):
    before, faults, run = _state(workspace), [], 0
    for _, command in read_corpus(Verdict.AUTO):
        found = classify(command, workspace)
        if found.verdict is not Verdict.AUTO or command.startswith(_ENDLESS):
            continue
        deeds = trace(strace, command, workspace, tmp_path / "trace")
        run += 1
        strangers = deeds.programs - set(found.programs) - _OF_THE_SHELL
        if strangers or deeds.changed or deeds.connected or CANARY in deeds.output:
            faults.append((command, strangers, deeds.changed[:2], deeds.connected[:2], CANARY in deeds.output))
    assert faults == []
    assert _state(workspace) == before
    assert run >= 300
