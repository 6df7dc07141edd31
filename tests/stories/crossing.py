"""One house that speaks on both platforms at once: a loopback Slack and a loopback Discord, and one time for all."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bots.discord import DiscordPlatform
from bots.slack import SlackPlatform
from runtime.ports import Platform
from tests.fakes import clock
from tests.fakes.discord import Discord
from tests.fakes.record import Capture
from tests.fakes.slack import Slack
from tests.fakes.slack.clock import Clock as SlackClock
from tests.platforms.on_discord.conftest import quick as quick_discord
from tests.stories.installation import Installation
from tests.stories.sides.on_discord import DiscordSide
from tests.stories.sides.on_slack import SlackSide
from tests.stories.sides.side import Side, SideName
from tests.stories.world import quick as quick_slack

CaptureFor = Callable[[str], Capture | None]


class OneTime:
    """Everybody's time: a story moves it in one place."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.of_slack = SlackClock(self._seconds)
        self.of_discord = clock.Clock(self._seconds)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds(), tz=UTC)

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def _seconds(self) -> float:
        return time.time() + self._ahead


class Crossing(Installation):
    """On each side `alice` may talk, `bob` and `carol` are approvers, `mallory` is a stranger."""

    def __init__(self, slack: Slack, discord: Discord, folder: Path, changes: dict[str, str], time_: OneTime) -> None:
        super().__init__(folder, changes, time_)
        self.slack, self.discord = slack, discord
        self.sides: Mapping[SideName, Side] = {"slack": SlackSide(slack), "discord": DiscordSide(discord)}

    def other(self, side: Side) -> Side:
        return next(each for each in self.sides.values() if each is not side)

    def people(self) -> dict[str, str]:
        return {
            "MALLARD_USERS": ",".join(side.written("alice") for side in self.sides.values()),
            "MALLARD_APPROVERS": ",".join(side.written("bob", "carol") for side in self.sides.values()),
        }

    def make_platforms(self) -> Mapping[str, Platform]:
        return {
            "slack": SlackPlatform(quick_slack(self.slack), self.clock),
            "discord": DiscordPlatform(quick_discord(self.discord), self.clock),
        }

    async def let_people_in(self, until: AsyncExitStack) -> None:
        await self.slack.connected()
        await self.discord.connected()


@asynccontextmanager
async def open_crossing(folder: Path, capture_for: CaptureFor, **changes: str) -> AsyncIterator[Crossing]:
    """A crossing whose house is open. `changes` are settings by their environment names."""
    all_time = OneTime()
    async with (
        Slack(clock=all_time.of_slack, capture=capture_for("slack")) as slack,
        Discord(clock=all_time.of_discord, capture=capture_for("discord")) as discord,
    ):
        crossing = Crossing(slack, discord, folder, changes, all_time)
        await crossing.open()
        try:
            yield crossing
        finally:
            await crossing.close()
        slack.check_clean()
        discord.check_clean()
