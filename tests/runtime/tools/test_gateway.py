"""The gateway runs what was shown, or nothing."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from runtime.digest import digest_of
from runtime.records import Observation, Risk
from runtime.tools.gateway import Gateway, Stale
from runtime.tools.port import Assessment
from runtime.tools.registry import Registry
from tests.runtime.tools.doubles import Bench, Echo, ignore, recorded, workspace_at


def nested(levels: int) -> Any:
    value: Any = "quack"
    for _ in range(levels):
        value = [value]
    return value


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
        call, bench.workspace, key="1", approved=True, on_output=ignore, audit=ignore
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
        call, bench.workspace, key="1", approved=True, on_output=ignore, audit=ignore
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
        ("echo", {"text": nested(300)}, "nested more than 64 levels deep"),
        ("echo", {"text": nested(2_000)}, "nested more than 64 levels deep"),
        ("nothing", {"a": nested(2_000)}, "no tool"),
        ("echo", nested(2_000), "JSON object"),
    ],
)
async def test_whatever_a_planner_asks_for_is_reviewed(bench: Bench, name: str, arguments: Any, word: str) -> None:
    reviewed = await bench.gateway.review(name, arguments, bench.workspace)

    assert word in reviewed.assessment.refusal
    assert len(reviewed.digest) == 64
    assert f"{reviewed.tool}{reviewed.arguments}{reviewed.assessment.refusal}".encode()


def _error(found: Observation | Stale) -> str:
    assert isinstance(found, Observation)
    assert not found.ok
    return found.error


def _judging(assessment: Assessment) -> Any:
    async def judge(arguments: Any) -> Assessment:
        return assessment

    return judge
