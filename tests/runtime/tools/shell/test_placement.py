"""shell_exec_safe: what a command is let do follows from what was judged and shown, and from nothing else."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.records import Effect, Observation, Risk
from runtime.sandbox.finding import Found
from runtime.shell.verdicts import Verdict
from runtime.tools.gateway import Stale
from runtime.tools.shell_exec_safe import ShellExecSafe
from tests.runtime.tools.doubles import Bench, recorded, workspace_at
from tests.runtime.tools.shell.judging import judge, no_sandbox


@pytest.fixture
def bare(tmp_path: Path) -> Bench:
    """A machine without a sandbox."""
    return Bench(tool=ShellExecSafe(judge, find=no_sandbox), workspace=workspace_at(tmp_path))


async def test_what_only_reads_runs_unasked_and_cannot_write(held: Bench, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("here\n")
    call = await held.ask(command="cat notes; touch written # auto")

    found = await held.run(call, approved=True)

    assert call.risk is Risk.NONE
    assert isinstance(found, Observation)
    assert found.text.startswith("here\n")
    assert not (tmp_path / "written").exists()
    (entry,) = held.audits
    assert (entry["ran"], entry["verdict"], entry["profile"], entry["risk"]) == (True, "auto", "strict", "none")


async def test_a_command_has_no_effect_where_it_cannot_write_and_one_of_its_own_anywhere_else(
    held: Bench, bare: Bench
) -> None:
    assert (await held.review(command="cat notes # auto")).effect is Effect.NONE
    for bench, command in ((held, "rm notes # ask"), (bare, "cat notes # auto")):
        assert (await bench.review(command=command)).effect is Effect.EXTERNAL


async def test_without_a_sandbox_what_only_reads_asks(bare: Bench) -> None:
    assessment = (await bare.review(command="cat notes # auto")).assessment

    assert assessment.risk is Risk.MEDIUM
    assert "no sandbox here (bubblewrap is not installed)" in assessment.why_asked
    assert "nothing would hold it to that" in assessment.why_asked


async def test_what_was_let_through_unasked_runs_in_the_strict_sandbox_whatever_it_is_judged_by_then(
    held: Bench, tmp_path: Path
) -> None:
    call = await held.ask(command="touch written # auto")
    held.tool = ShellExecSafe(find=held.tool._find)  # type: ignore[attr-defined]  # a newer classifier, which would ask

    found = await held.run(call)

    assert isinstance(found, Observation)
    assert not found.ok
    assert not (tmp_path / "written").exists()
    assert held.audits[0]["profile"] == "strict"


async def test_what_was_let_through_unasked_does_not_run_once_there_is_no_sandbox(held: Bench, bare: Bench) -> None:
    call = await held.ask(command="echo ran # auto")

    found = await bare.run(call)

    assert isinstance(found, Observation)
    assert (found.ok, found.error) == (False, "refused")
    assert bare.audits[0]["ran"] is False


async def test_an_approved_command_writes_in_the_workspace_and_nowhere_else(held: Bench, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    call = await held.ask(command=f"echo x > inside; echo x > {outside}")

    await held.run(call)

    assert (tmp_path / "inside").read_text() == "x\n"
    assert not outside.exists()


async def test_the_card_says_where_it_runs(held: Bench, bare: Bench) -> None:
    plain = (await held.review(command="make")).assessment
    online = (await held.review(command="make", network=True)).assessment
    unheld = (await bare.review(command="make")).assessment

    name = held.tool._find().sandbox.name  # type: ignore[attr-defined]
    assert (
        plain.why_asked
        == f"it writes a file. It runs in a sandbox ({name}): no network, and it may write in the workspace alone."
    )
    assert (plain.risk, online.risk, unheld.risk) == (Risk.MEDIUM, Risk.HIGH, Risk.MEDIUM)
    assert f"It runs in a sandbox ({name}) with the network" in online.why_asked
    assert "There is no sandbox here" in unheld.why_asked


async def test_a_command_that_seems_to_need_the_network_and_does_not_ask_says_so(held: Bench) -> None:
    assert "does not ask for it" in (await held.review(command="curl x # network")).assessment.why_asked
    assert "does not ask" not in (await held.review(command="curl x # network", network=True)).assessment.why_asked


async def test_asking_for_the_network_is_part_of_what_is_approved(held: Bench) -> None:
    call = await held.ask(command="make")

    found = await held.run(replace(call, arguments={**call.arguments, "network": True}))

    assert isinstance(found, Observation)
    assert found.error == "digest_mismatch"


async def test_only_reading_does_not_bring_the_network_along(held: Bench) -> None:
    assessment = (await held.review(command="cat notes # auto", network=True)).assessment

    assert assessment.risk is Risk.HIGH
    assert "asks for the network" in assessment.why_asked


async def test_an_approved_command_is_asked_again_where_its_sandbox_is_gone(
    held: Bench, bare: Bench, tmp_path: Path
) -> None:
    call = await held.ask(command="echo ran > ran")

    found = await bare.run(call)

    assert isinstance(found, Stale)
    assert "There is no sandbox here" in found.assessment.why_asked
    assert not (tmp_path / "ran").exists()


async def test_what_would_destroy_never_runs(held: Bench, tmp_path: Path) -> None:
    reviewed = await held.review(command="touch ran # block")
    assert reviewed.assessment.refusal == "This never runs. it would destroy the disk."

    found = await held.run(recorded(reviewed), approved=True)  # as if somebody had let it through

    assert isinstance(found, Observation)
    assert (found.ok, found.error) == (False, "refused")
    assert not (tmp_path / "ran").exists()
    assert (held.audits[0]["ran"], held.audits[0]["verdict"]) == (False, Verdict.BLOCK)


async def test_leaving_the_sandbox_is_forbidden_by_default(held: Bench) -> None:
    assert (
        "MALLARD_OUTSIDE_SANDBOX=never" in (await held.review(command="apt", outside_sandbox=True)).assessment.refusal
    )


async def test_where_leaving_the_sandbox_is_possible_a_second_person_is_asked(tmp_path: Path) -> None:
    tool = ShellExecSafe(judge, find=no_sandbox, may_leave=True)
    bench = Bench(tool=tool, workspace=workspace_at(tmp_path))

    assessment = (await bench.review(command="cat x # auto", outside_sandbox=True)).assessment

    assert assessment.risk is Risk.CRITICAL
    assert "outside the sandbox: it may do all that Mallard's user may do" in assessment.why_asked


async def test_a_workspace_that_no_sandbox_can_hold_asks(held: Bench, tmp_path: Path) -> None:
    for number in range(401):
        (tmp_path / f"{number}.pem").touch()

    assessment = (await held.review(command="ls # auto")).assessment

    assert assessment.risk is Risk.MEDIUM
    assert "more than 400 files that look secret" in assessment.why_asked


async def test_the_sandbox_is_looked_for_once(tmp_path: Path) -> None:
    looked: list[int] = []

    def find() -> Found:
        looked.append(1)
        return no_sandbox()

    bench = Bench(tool=ShellExecSafe(judge, find=find), workspace=workspace_at(tmp_path))
    await asyncio.gather(*(bench.review(command="make") for _ in range(5)))

    assert len(looked) == 1


async def test_a_held_command_ends_with_all_that_it_began(held: Bench, tmp_path: Path) -> None:
    beats = "(setsid sh -c 'while sleep 0.05; do echo x >> beat; done' &)"
    script = f"{beats}; until [ -s beat ]; do sleep 0.01; done; echo up; sleep 600"
    running = asyncio.ensure_future(held.run(await held.ask(command=script)))
    await held.heard.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    before = (tmp_path / "beat").stat().st_size
    await asyncio.sleep(0.3)
    assert (tmp_path / "beat").stat().st_size == before
    assert held.audits[0]["stopped"] is True


async def test_a_held_command_may_clean_up_when_it_runs_out_of_time(held: Bench, tmp_path: Path) -> None:
    found = await held.do(
        command="trap 'echo cleaned > cleaned; exit 1' TERM; while :; do sleep 0.05; done", timeout_s=1
    )

    assert found.error == "timed_out"
    assert (tmp_path / "cleaned").exists()


async def test_what_a_command_used_is_told(held: Bench) -> None:
    found = await held.do(command="i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")

    assert found.metadata["cpu_ms"] > 0
    assert found.metadata["max_rss_kb"] > 500
    assert held.audits[0]["cpu_ms"] == found.metadata["cpu_ms"]
