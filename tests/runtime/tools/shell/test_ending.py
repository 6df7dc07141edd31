"""shell_exec_safe: what it began is over when it is over, whoever hid from it."""

import asyncio
from pathlib import Path

import pytest

from runtime.records import Observation
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench
from tests.runtime.tools.shell.judging import no_sandbox

FAMILY = """
sh -c 'echo $$ > child; trap "" TERM; sleep 1000; :' &
setsid sh -c 'echo $$ > session; sleep 1000; :' &
(setsid sh -c 'echo $$ > orphan; trap "" TERM; exec sleep 1000' >/dev/null 2>&1 &)
(env -i setsid sh -c 'echo $$ > nameless; exec sleep 1000' >/dev/null 2>&1 &)
(setsid bash -c 'for fd in $(ls /proc/$$/fd); do eval "exec $fd>&-"; done; echo $$ > closed; exec sleep 1000' &)
until [ -s child ] && [ -s session ] && [ -s orphan ] && [ -s nameless ] && [ -s closed ]; do sleep 0.01; done
echo ready
"""
MEMBERS = ("child", "session", "orphan", "nameless", "closed")


@pytest.mark.promise(29)
async def test_a_time_out_ends_the_whole_family(bench: Bench, tmp_path: Path) -> None:
    found = await bench.do(command=FAMILY + "sleep 1000", timeout_s=1)

    assert (found.ok, found.error) == (False, "timed_out")
    assert found.text.startswith("ready\n")  # a shell may add that a child of its was terminated
    assert found.text.endswith("\n[stopped: it was not done after 1 seconds]")
    assert _alive(tmp_path) == []


@pytest.mark.promise(29)
async def test_stopping_ends_the_whole_family(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command=FAMILY + "sleep 1000")
    running = asyncio.ensure_future(bench.run(call))
    await bench.heard.wait()
    assert len(_alive(tmp_path)) == len(MEMBERS)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert _alive(tmp_path) == []


@pytest.mark.promise(29)
async def test_stopping_twice_is_stopping_once(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command=FAMILY + "sleep 1000")
    running = asyncio.ensure_future(bench.run(call))
    await bench.heard.wait()

    running.cancel()
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert _alive(tmp_path) == []
    assert len(bench.audits) == 1


async def test_what_is_left_in_the_background_ends_with_the_command(bench: Bench, tmp_path: Path) -> None:
    found = await bench.do(command=FAMILY)

    assert found.ok
    assert found.text.startswith("ready\n")
    assert found.text.endswith("\n[exit status 0]")
    assert _alive(tmp_path) == []


async def test_a_neighbour_is_not_ended(bench: Bench, tmp_path: Path) -> None:
    other = Bench(tool=ShellExecSafe(find=no_sandbox), workspace=bench.workspace)
    running = asyncio.ensure_future(
        other.run(await other.ask(command="echo here; until [ -e go ]; do sleep 0.01; done"))
    )
    await other.heard.wait()

    await bench.do(command=FAMILY + "sleep 1000", timeout_s=1)
    (tmp_path / "go").touch()

    found = await running
    assert isinstance(found, Observation)
    assert found.text == "here\n[exit status 0]"


def _alive(place: Path) -> list[str]:
    """Who of the family is there: neither gone, nor ended and only waiting to be reaped."""
    return [name for name in MEMBERS if _lives(int((place / name).read_text()))]


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
