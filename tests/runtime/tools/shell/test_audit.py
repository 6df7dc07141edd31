"""shell_exec_safe: each command is on record once, also when it was stopped or could not be started."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import LeaseLost
from runtime.records import JsonObject, Observation
from runtime.tools.gateway import Stale
from tests.runtime.tools.doubles import Bench


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"command": "true"}, {"returncode": 0, "timed_out": False, "stopped": False}),
        ({"command": "exit 7"}, {"returncode": 7, "timed_out": False, "stopped": False}),
        ({"command": "sleep 1000", "timeout_s": 1}, {"returncode": -15, "timed_out": True, "stopped": False}),
    ],
)
async def test_a_command_is_audited_once(bench: Bench, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    await bench.do(**arguments)

    (entry,) = bench.audits
    assert {key: entry[key] for key in expected} == expected
    assert (entry["command"], entry["cwd"]) == (arguments["command"], bench.workspace.path)
    assert entry["duration_ms"] >= 0


async def test_a_stopped_command_is_audited_once(bench: Bench) -> None:
    running = asyncio.ensure_future(bench.run(await bench.ask(command="echo x; sleep 1000")))
    await bench.heard.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    (entry,) = bench.audits
    assert (entry["stopped"], entry["timed_out"], entry["returncode"]) == (True, False, -15)


async def test_a_command_stopped_at_once_is_audited_once(bench: Bench) -> None:
    call = await bench.ask(command="echo x > written; sleep 1000")
    for turns in range(12):
        bench.audits.clear()
        running = asyncio.ensure_future(bench.run(call))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        # Before its first turn a task has not begun, and there is nothing to record.
        assert len(bench.audits) == (1 if turns else 0), turns


async def test_a_command_that_could_not_be_started_is_audited_once(bench: Bench, tmp_path: Path) -> None:
    call = await bench.ask(command="true")
    os.rmdir(tmp_path)

    found = await bench.run(call)

    assert isinstance(found, Observation)
    assert (found.error, found.text) == ("not_started", "[it could not be started: No such file or directory]")
    (entry,) = bench.audits
    assert (entry["returncode"], entry["error"]) == (None, "No such file or directory")


async def test_the_audit_is_written_to_the_end_while_being_stopped(bench: Bench) -> None:
    writing, may_go_on, written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def audit(entry: JsonObject) -> None:
        writing.set()
        await may_go_on.wait()
        written.set()

    running = asyncio.ensure_future(_run(bench, audit, command="true"))
    await writing.wait()
    running.cancel()
    await asyncio.sleep(0)
    may_go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert written.is_set()


async def test_a_lost_lease_passes_through(bench: Bench) -> None:
    async def audit(entry: JsonObject) -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        await _run(bench, audit, command="true")


async def _run(bench: Bench, audit: Any, **arguments: Any) -> Observation | Stale:
    call = await bench.ask(**arguments)

    async def on_output(text: str) -> None:
        return None

    return await bench.gateway.run(call, bench.workspace, key="1", approved=True, on_output=on_output, audit=audit)
