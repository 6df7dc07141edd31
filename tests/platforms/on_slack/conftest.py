"""A started SlackPlatform against the loopback Slack, with a recording door behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from bots.slack import SlackPlatform, SlackSettings
from runtime.records import ConversationRef
from tests.fakes.capture import capture_for
from tests.fakes.slack import Channel, Slack
from tests.platforms.on_slack.scenes import Scene
from tests.platforms.on_slack.threads import Thread
from tests.platforms.recording import RecordingDoor


class LoopbackClock:
    """The platform's time is the loopback's."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._slack.clock.now(), tz=UTC)


def quick(slack: Slack, **changes: Any) -> SlackSettings:
    """Settings for a Slack that answers at once."""
    settings: dict[str, Any] = {
        "bot_token": slack.bot_token,
        "app_token": slack.app_token,
        "api_base_url": slack.base_url,
        "ping_interval": 0.2,
        "watchdog_interval": 0.1,
        "first_redial": 0.01,
        "flush_interval": 0.01,
        "stop_patience": 2.0,
        "read_retries": 0,
    }
    return SlackSettings(**(settings | changes))


@asynccontextmanager
async def started(slack: Slack, door: RecordingDoor, **changes: Any) -> AsyncIterator[SlackPlatform]:
    platform = SlackPlatform(quick(slack, **changes), LoopbackClock(slack))
    await platform.start(door)
    try:
        yield platform
    finally:
        await platform.stop()


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    """A Slack that was treated as a careful app treats it, or the test fails."""
    async with Slack(capture=capture_for(request.config, "slack")) as loopback:
        yield loopback
        loopback.check_clean()


@pytest.fixture
def door() -> RecordingDoor:
    return RecordingDoor()


@pytest.fixture
async def platform(slack: Slack, door: RecordingDoor) -> AsyncIterator[SlackPlatform]:
    async with started(slack, door) as running:
        yield running


@pytest.fixture
async def thread(slack: Slack) -> Thread:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    return Thread(slack, pond, await alice.says(pond, "how large is the pond?"))


@pytest.fixture
async def dm(slack: Slack) -> Thread:
    alice = slack.person("UALICE")
    return Thread(slack, alice.dm, await alice.dms("how large is the pond?"), direct=True)


@pytest.fixture
def scene(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> Scene:
    return Scene(slack, platform, door)


@pytest.fixture
def pond(slack: Slack) -> Channel:
    return slack.channel("pond", members=[slack.person("UALICE")])


@pytest.fixture
async def where(slack: Slack, pond: Channel) -> ConversationRef:
    asked = await slack.person("UALICE").says(pond, "hello")
    return ConversationRef(platform="slack", space="T1", channel=pond.id, thread=asked.ts)
