"""The gateway runs what was shown, or nothing; whatever happens comes back in words."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.digest import digest_of
from runtime.errors import LeaseLost
from runtime.records import Observation, Risk
from runtime.tools.failure import ToolFailed
from runtime.tools.gateway import Gateway, Stale
from runtime.tools.port import Assessment, ToolScope
from runtime.tools.registry import Registry
from tests.runtime.tools.doubles import Bench, Echo, recorded, workspace_at


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tool=Echo(), workspace=workspace_at(tmp_path))


async def test_a_reviewed_call_has_its_defaults_written_out(bench: Bench) -> None:
    reviewed = await bench.review(text="hi")

    assert reviewed.arguments == {"text": "hi", "times": 1}
    assert (reviewed.tool, reviewed.version, len(reviewed.digest)) == ("echo", "1", 64)


async def test_what_was_reviewed_runs(bench: Bench) -> None:
    found = await bench.run(await bench.ask(text="hi", times=2))

    assert found == Observation(ok=True, text="hihi")


@pytest.mark.promise(14)
async def test_a_call_whose_arguments_changed_is_not_run(bench: Bench, echo: Echo) -> None:
    call = await bench.ask(text="hi")

    found = await bench.run(replace(call, arguments={"text": "ho", "times": 1}))

    assert _error(found) == "digest_mismatch"
    assert echo.runs == 0


@pytest.mark.promise(14)
async def test_a_call_of_another_version_of_the_tool_is_not_run(bench: Bench, echo: Echo) -> None:
    call = await bench.ask(text="hi")

    echo.version = "2"

    assert _error(await bench.run(call)) == "digest_mismatch"
    assert echo.runs == 0


@pytest.mark.promise(14)
async def test_a_call_that_names_another_tool_is_not_run(bench: Bench, echo: Echo) -> None:
    other = Echo(name="other")
    call = replace(await bench.ask(text="hi"), tool="other")

    found = await Gateway(Registry([echo, other])).run(
        call, bench.workspace, key="1", approved=True, on_output=_ignore, audit=_ignore
    )

    assert _error(found) == "digest_mismatch"
    assert (echo.runs, other.runs) == (0, 0)


@pytest.mark.promise(14)
async def test_a_call_is_not_run_in_another_workspace(bench: Bench, echo: Echo, tmp_path: Path) -> None:
    call = await bench.ask(text="hi")

    bench.workspace = replace(bench.workspace, id="other")

    assert _error(await bench.run(call)) == "digest_mismatch"
    assert echo.runs == 0


@pytest.mark.promise(14)
async def test_a_call_is_not_run_once_its_workspace_leads_elsewhere(echo: Echo, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    place.mkdir()
    elsewhere.mkdir()
    bench = Bench(tool=echo, workspace=workspace_at(place))
    call = await bench.ask(text="hi")

    place.rmdir()
    place.symlink_to(elsewhere)

    assert _error(await bench.run(call)) == "digest_mismatch"
    assert echo.runs == 0


async def test_a_call_whose_stored_arguments_read_differently_now_is_not_run(bench: Bench, echo: Echo) -> None:
    reviewed = await bench.review(text="hi")
    short = {"text": "hi"}  # a record from before `times` had its default
    call = recorded(reviewed, arguments=short, digest=digest_of("echo", "1", short, bench.workspace))

    assert _error(await bench.run(call)) == "digest_mismatch"
    assert echo.runs == 0


async def test_a_tool_that_is_gone_is_named(bench: Bench) -> None:
    call = await bench.ask(text="hi")

    found = await Gateway(Registry([])).run(
        call, bench.workspace, key="1", approved=True, on_output=_ignore, audit=_ignore
    )

    assert _error(found) == "unknown_tool"
    assert isinstance(found, Observation)
    assert "echo" in found.text


@pytest.mark.parametrize("risk", [Risk.HIGH, Risk.CRITICAL])
async def test_a_call_of_high_risk_does_not_run_without_a_yes(bench: Bench, echo: Echo, risk: Risk) -> None:
    call = replace(await bench.ask(text="hi"), risk=risk)

    assert _error(await bench.run(call, approved=False)) == "not_approved"
    assert echo.runs == 0
    assert isinstance(await bench.run(call, approved=True), Observation)
    assert echo.runs == 1


async def test_a_call_whose_target_changed_is_asked_again(bench: Bench, echo: Echo) -> None:
    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="before"))
    call = await bench.ask(text="hi")

    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="after", preview="new"))
    found = await bench.run(call)

    assert found == Stale(assessment=Assessment(risk=Risk.MEDIUM, target="after", preview="new"))
    assert echo.runs == 0


async def test_a_stale_call_is_found_before_it_is_started(bench: Bench, echo: Echo) -> None:
    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="before"))
    call = await bench.ask(text="hi")
    fresh = await bench.gateway.check(call, bench.workspace)

    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="after"))
    stale = await bench.gateway.check(call, bench.workspace)

    assert fresh is None
    assert stale == Stale(assessment=Assessment(risk=Risk.MEDIUM, target="after"))


async def test_a_call_whose_work_is_done_already_runs_again(bench: Bench, echo: Echo) -> None:
    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="before"))
    call = await bench.ask(text="hi")

    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="after", unchanged=True))

    assert isinstance(await bench.run(call), Observation)
    assert echo.runs == 1


async def test_a_call_that_became_impossible_is_not_run(bench: Bench, echo: Echo) -> None:
    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, target="before"))
    call = await bench.ask(text="hi")

    echo.judges = _judging(Assessment(risk=Risk.MEDIUM, refusal="It is a folder now."))
    found = await bench.run(call)

    assert _error(found) == "refused"
    assert echo.runs == 0


async def test_a_tool_that_cannot_judge_refuses(bench: Bench, echo: Echo) -> None:
    async def breaks(arguments: Any) -> Assessment:
        raise RuntimeError("secret detail")

    echo.judges = breaks
    reviewed = await bench.review(text="hi")

    assert reviewed.assessment.refusal
    assert "secret detail" not in reviewed.assessment.refusal


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("name", "arguments", "word"),
    [
        ("nothing", {}, "nothing"),
        ("echo", {}, "`text` is missing"),
        ("echo", {"text": "a", "loud": True}, "`loud` is not an argument"),
        ("echo", "text", "JSON object"),
        ("echo", {"text": 10**400}, "`text` is wrong"),
        ("\ud800", {"a": "\ud800"}, "no tool"),
    ],
)
async def test_whatever_a_planner_asks_for_is_reviewed(bench: Bench, name: str, arguments: Any, word: str) -> None:
    reviewed = await bench.gateway.review(name, arguments, bench.workspace)

    assert word in reviewed.assessment.refusal
    assert len(reviewed.digest) == 64
    assert f"{reviewed.tool}{reviewed.arguments}{reviewed.assessment.refusal}".encode()


async def test_a_failing_tool_is_an_observation_without_a_traceback(
    bench: Bench, echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    echo.does = _raising(ZeroDivisionError("inner detail"))

    found = await bench.do(text="hi")

    assert (found.ok, found.error) == (False, "failed")
    assert "Traceback" not in found.text
    assert "inner detail" not in found.text
    assert "inner detail" in caplog.text


async def test_a_tool_that_gives_up_in_words_is_quoted(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(ToolFailed("No such thing.", code="missing"))

    assert await bench.do(text="hi") == Observation(ok=False, text="No such thing.", error="missing")


async def test_the_operating_system_is_quoted_without_its_paths(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(OSError(28, os.strerror(28), "/outside/place"))

    found = await bench.do(text="hi")

    assert os.strerror(28) in found.text
    assert "/outside" not in found.text


async def test_a_lost_lease_is_not_the_tools_failure(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(LeaseLost())

    with pytest.raises(LeaseLost):
        await bench.do(text="hi")


async def test_a_tool_that_takes_too_long_is_stopped(bench: Bench, echo: Echo) -> None:
    cleaned = asyncio.Event()

    async def hangs(arguments: Any, scope: ToolScope) -> Observation:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()
        raise AssertionError

    echo.timeout, echo.does = 0.01, hangs
    found = await bench.do(text="hi")

    assert found.error == "timed_out"
    assert cleaned.is_set()


async def test_a_time_out_inside_a_tool_is_not_the_tools_limit(bench: Bench, echo: Echo) -> None:
    echo.does = _raising(TimeoutError())

    assert (await bench.do(text="hi")).error == "failed"


@pytest.mark.promise(29)
async def test_cancelling_passes_through_after_the_tool_cleaned_up(bench: Bench, echo: Echo) -> None:
    began, cleaned = asyncio.Event(), asyncio.Event()

    async def hangs(arguments: Any, scope: ToolScope) -> Observation:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()
        raise AssertionError

    echo.does = hangs
    call = await bench.ask(text="hi")
    running = asyncio.ensure_future(bench.run(call))
    await began.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert cleaned.is_set()


async def test_long_output_keeps_its_head_and_tail_and_says_how_much_is_missing(bench: Bench, echo: Echo) -> None:
    text = "".join(f"line {n}\n" for n in range(500))
    echo.does = _saying(text)

    found = await bench.do(text="hi")

    left_out = found.metadata["left_out"]
    assert len(found.text) <= echo.output_cap
    head, tail = found.text.split(f"\n[… {left_out:,} characters left out …]\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) + left_out == len(text)


async def test_control_characters_in_output_are_made_visible(bench: Bench, echo: Echo) -> None:
    echo.does = _saying("a\x1b[2J\x00\u202eb\ud800\tc\r\nd")

    assert (await bench.do(text="hi")).text == "a␛[2J␀\\u202eb\ufffd\tc\nd"


async def test_a_chat_that_cannot_show_output_does_not_stop_the_tool(bench: Bench, echo: Echo) -> None:
    async def speaks(arguments: Any, scope: ToolScope) -> Observation:
        await scope.on_output("half")
        return Observation(ok=True, text="whole")

    async def is_away(text: str) -> None:
        raise ConnectionError

    echo.does = speaks
    found = await bench.gateway.run(
        await bench.ask(text="hi"), bench.workspace, key="1", approved=True, on_output=is_away, audit=_ignore
    )

    assert found == Observation(ok=True, text="whole")


@pytest.fixture
def echo(bench: Bench) -> Echo:
    assert isinstance(bench.tool, Echo)
    return bench.tool


def _error(found: Observation | Stale) -> str:
    assert isinstance(found, Observation)
    assert not found.ok
    return found.error


def _judging(assessment: Assessment) -> Any:
    async def judge(arguments: Any) -> Assessment:
        return assessment

    return judge


def _raising(error: Exception) -> Any:
    async def fail(arguments: Any, scope: ToolScope) -> Observation:
        raise error

    return fail


def _saying(text: str) -> Any:
    async def say(arguments: Any, scope: ToolScope) -> Observation:
        return Observation(ok=True, text=text)

    return say


async def _ignore(anything: Any) -> None:
    return None
