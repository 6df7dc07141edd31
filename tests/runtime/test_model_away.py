"""A run whose model wants to be left alone for a while holds nothing until then."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from runtime.contents import Content, Text
from runtime.models.client import OpenAICompatibleModel
from runtime.models.endpoint import Endpoint
from runtime.models.port import Role
from runtime.states import RunStatus
from runtime.tls import trust
from tests.fakes.model import ScriptedEndpoint
from tests.fakes.replies import Refuse, Reply, Say
from tests.fakes.scripted import directive
from tests.runtime.models.asking import Waits
from tests.runtime.stage import NOON, Clock, Stage, at_work, open_stage

PLATFORMS = frozenset({"slack"})
PLAN, ANSWER = Say(text=directive()), Say(text="Quack.")


def busy(retry_after: int | None) -> Refuse:
    return Refuse(status=429, retry_after=None if retry_after is None else str(retry_after))


@asynccontextmanager
async def stage_with(server: ScriptedEndpoint, folder: Path, clock: Clock, waits: Waits) -> AsyncIterator[Stage]:
    """A worker, and a real client of this server, whose short waits take no time."""
    async with httpx.AsyncClient(verify=trust(), trust_env=False) as http:
        endpoint = Endpoint(base_url=server.base_url, model="duck-1", timeout_s=20)
        model = OpenAICompatibleModel(dict.fromkeys(Role, endpoint), http, sleep=waits)
        async with open_stage(folder, clock, mind=model, reflect=False) as stage:
            yield stage


@pytest.mark.promise(36)
@pytest.mark.parametrize(
    ("script", "asked"), [([busy(300), PLAN, ANSWER], 1), ([PLAN, busy(300), ANSWER], 2)], ids=["planning", "answering"]
)
async def test_a_wait_that_the_server_asks_for_is_kept_to_the_second_and_over_a_restart(
    tmp_path: Path, script: Sequence[Reply], asked: int
) -> None:
    clock, waits = Clock(), Waits()
    async with ScriptedEndpoint(script) as server:
        async with stage_with(server, tmp_path, clock, waits) as stage, at_work(stage):
            await stage.says_to_mallard("hello")
            await stage.until(lambda: stage.run_now().model_away_since)
            await stage.until(lambda: not stage.worker.is_busy)
        assert (len(server.received), waits.seconds) == (asked, [])

        async with stage_with(server, tmp_path, clock, waits) as stage:
            early = await stage.store.claim(NOON + timedelta(seconds=299), platforms=PLATFORMS, limit=1)
            clock.at = NOON + timedelta(seconds=300)
            async with at_work(stage):
                run = await stage.run()

    assert list(early) == []
    assert (run.status, run.answer) == (RunStatus.COMPLETED, "Quack.")


@pytest.mark.promise(36)
async def test_no_server_makes_a_run_wait_for_longer_than_an_hour_and_it_is_waited_for_once(tmp_path: Path) -> None:
    clock = Clock()
    async with (
        ScriptedEndpoint([busy(1_000_000), busy(1_000_000)]) as server,
        stage_with(server, tmp_path, clock, Waits()) as stage,
        at_work(stage),
    ):
        await stage.says_to_mallard("hello")
        await stage.until(lambda: stage.run_now().model_away_since)
        clock.at = NOON + timedelta(hours=1)
        run = await stage.run()

    assert run.status is RunStatus.FAILED
    assert "has not answered for 60 minutes" in run.failure
    assert len(server.received) == 2


@pytest.mark.promise(36)
@pytest.mark.parametrize(("seconds", "told"), [(600, []), (601, [10]), (3_600, [60])])
async def test_who_waits_for_longer_than_a_run_has_patience_is_told_so_once(
    tmp_path: Path, seconds: int, told: list[int]
) -> None:
    clock = Clock()
    async with (
        ScriptedEndpoint([busy(seconds), PLAN, ANSWER]) as server,
        stage_with(server, tmp_path, clock, Waits()) as stage,
        at_work(stage),
    ):
        await stage.says_to_mallard("hello")
        await stage.until(lambda: stage.run_now().model_away_since and stage.is_delivered())
        said = [text_of(standing.content) for standing in stage.wall.messages.values()]
        clock.at = NOON + timedelta(seconds=seconds)
        await stage.run()

    assert said == [
        f"The language model wants to be asked again in {minutes} minutes. I go on by myself then; say `stop` if you do not "
        "want to wait. (run 1)"
        for minutes in told
    ]


def text_of(content: Content) -> str:
    assert isinstance(content, Text)
    return content.markdown


@pytest.mark.promise(36)
async def test_a_short_wait_that_is_handed_on_shortens_no_pause(tmp_path: Path) -> None:
    clock = Clock()
    async with (
        ScriptedEndpoint([busy(1)] * 4 + [PLAN, ANSWER]) as server,
        stage_with(server, tmp_path, clock, Waits()) as stage,
    ):
        async with at_work(stage):
            await stage.says_to_mallard("hello")
            await stage.until(lambda: stage.run_now().model_away_since)
        early = await stage.store.claim(NOON + timedelta(seconds=4), platforms=PLATFORMS, limit=1)
        due = await stage.store.claim(NOON + timedelta(seconds=5), platforms=PLATFORMS, limit=1)

    assert (len(early), len(due)) == (0, 1)
