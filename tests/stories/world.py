"""A world to tell stories in: an installation on a loopback Slack."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.slack import SlackPlatform, SlackSettings
from runtime.ports import Platform
from runtime.records import UserRef
from tests.fakes.slack import Message, Person, Slack
from tests.fakes.slack.places import Channel
from tests.platforms.contract.scene import Card
from tests.stories.installation import Installation

TEAM = "T1"


class WorldClock:
    """The loopback's time for everybody, so that a story moves it in one place."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._slack.clock.now(), tz=UTC)

    def advance(self, seconds: float) -> None:
        self._slack.clock.advance(seconds)


class World(Installation):
    """`alice` may talk, `bob` is an approver, `carol` an administrator, `mallory` a stranger; all are in `pond`."""

    def __init__(self, slack: Slack, folder: Path, changes: dict[str, str]) -> None:
        super().__init__(folder, changes, WorldClock(slack))
        self.slack = slack
        self.alice = slack.person("UALICE", name="alice")
        self.bob = slack.person("UBOB", name="bob")
        self.carol = slack.person("UCAROL", name="carol")
        self.mallory = slack.person("UMALLORY", name="mallory")
        self.pond = slack.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])

    def people(self) -> dict[str, str]:
        return {
            "MALLARD_USERS": f"slack:{TEAM}/UALICE",
            "MALLARD_APPROVERS": f"slack:{TEAM}/UBOB",
            "MALLARD_ADMINS": f"slack:{TEAM}/UCAROL",
        }

    def make_platforms(self) -> Mapping[str, Platform]:
        return {"slack": SlackPlatform(quick(self.slack), self.clock)}

    async def let_people_in(self, until: AsyncExitStack) -> None:
        await self.slack.connected()

    def ref(self, person: Person) -> UserRef:
        """A person of Slack, as the record knows them."""
        return UserRef(platform="slack", space=person.user.team, id=person.id)

    async def card(self, number: int = 1, *, place: Channel | None = None) -> Message:
        """The Slack message that is the card of an approval, once it stands."""
        return await self.slack.message(place or self.pond, contains=f"Approval {number}:")

    async def closed(self, card: Card, *, saying: str) -> None:
        """Return once a card says how it ended and offers no decision any more."""
        await self.slack.until(lambda: saying in card.text and "Approve" not in card.labels)


def quick(slack: Slack) -> SlackSettings:
    """Settings for a Slack that answers at once."""
    return SlackSettings(
        bot_token=slack.bot_token,
        app_token=slack.app_token,
        api_base_url=slack.base_url,
        ping_interval=0.5,  # a connection is taken for dead after four: a test process may well stand still for a second
        watchdog_interval=0.1,
        first_redial=0.01,
        flush_interval=0.01,
        stop_patience=2.0,
        read_retries=0,
    )


@asynccontextmanager
async def open_world(folder: Path, capture: Any = None, **changes: str) -> AsyncIterator[World]:
    """A world whose house is open. `changes` are settings by their environment names."""
    async with Slack(capture=capture) as slack:
        world = World(slack, folder, changes)
        await world.open()
        try:
            yield world
        finally:
            await world.close()
        slack.check_clean()
