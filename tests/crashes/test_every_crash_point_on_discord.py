"""Promise 31 on Discord: each point once, and what only Discord has: two ways to know a message again, and a thread that
stands open before anything is said in it."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.crashes.nursery import Nursery
from tests.crashes.on_chat import ChatEnumeration, OpenPond, Pond, Watch
from tests.crashes.on_discord import DiscordPond, open_discord_pond
from tests.crashes.trial import Life
from tests.fakes.capture import capture_for

CREATE = "POST /channels/{channel}/messages"
OPEN_THREAD = "POST /channels/{channel}/messages/{message}/threads"
BETWEEN_SAYING_AND_KNOWING = ("posting", "settle_sent", "the answer", "record_answer_posted")


@pytest.fixture
def open_pond(request: pytest.FixtureRequest) -> OpenPond:
    return partial(open_discord_pond, capture_for(request.config, "discord"))


@pytest.mark.promise(31)
@pytest.mark.promise(2)
@pytest.mark.timeout(600)
async def test_a_kill_at_any_point_loses_nothing_on_discord(
    nursery: Nursery, tmp_path: Path, open_pond: OpenPond
) -> None:
    runs = ChatEnumeration(nursery=nursery, folder=tmp_path, open_pond=open_pond)
    points = await runs.points()
    for point in points:
        await runs.die_at(point)
    print(f"{len(points)} points on Discord:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


def nonces_are_forgotten(pond: Pond) -> None:
    assert isinstance(pond, DiscordPond)
    pond.discord.state.nonce_memory = -1.0


def marks_are_lost(pond: Pond) -> None:
    assert isinstance(pond, DiscordPond)
    pond.forget_marks()


@pytest.mark.promise(31)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("meanwhile", [nonces_are_forgotten, marks_are_lost])
async def test_of_two_ways_to_know_a_message_again_one_is_enough(
    nursery: Nursery, tmp_path: Path, open_pond: OpenPond, meanwhile: Callable[[Pond], None]
) -> None:
    runs = ChatEnumeration(nursery=nursery, folder=tmp_path, open_pond=open_pond, between=meanwhile)
    points = [point for point in await runs.points() if any(words in point for words in BETWEEN_SAYING_AND_KNOWING)]
    for point in points:
        await runs.die_at(point)
    print(f"{len(points)} points, {meanwhile.__name__}:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)


async def dies_when_a_thread_was_opened_and_nobody_heard_so(pond: Pond, life: Life) -> None:
    assert isinstance(pond, DiscordPond)
    answer = pond.discord.hold(OPEN_THREAD, processed=True)
    await answer.arrived()
    assert len(pond.threads()) == 1
    kill(life)


async def dies_with_an_open_thread_before_anything_is_said(pond: Pond, life: Life) -> None:
    assert isinstance(pond, DiscordPond)
    question = pond.discord.hold(CREATE)
    await question.arrived()
    assert len(pond.threads()) == 1
    assert pond.said() == []
    kill(life)


def kill(life: Life) -> None:
    os.kill(int(life.pid.read_text()), signal.SIGKILL)


@pytest.mark.promise(31)
@pytest.mark.parametrize(
    "dies",
    [dies_when_a_thread_was_opened_and_nobody_heard_so, dies_with_an_open_thread_before_anything_is_said],
)
async def test_an_open_thread_in_which_nothing_was_said_yet_is_used_and_no_other(
    nursery: Nursery, tmp_path: Path, open_pond: OpenPond, dies: Watch
) -> None:
    runs = ChatEnumeration(nursery=nursery, folder=tmp_path, open_pond=open_pond)
    await runs.die_when(dies.__name__, dies)
    assert not runs.failures, "\n".join(runs.failures)
