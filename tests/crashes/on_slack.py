"""The same enumeration on a loopback Slack: the process dies, Slack and its people stay."""

import asyncio
import contextlib
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from runtime.records import Effect
from tests.crashes.aftermath import check_record, count_approvals
from tests.crashes.life import ANSWER
from tests.crashes.nursery import LONGEST_LIFE, Nursery
from tests.crashes.points import read_journal
from tests.crashes.trial import UNTIL_REST, Fate, Life
from tests.fakes.slack import Channel, Message, Slack

_TRIES = 6
_OPEN = ("Approve", "Mark done")


class Pond:
    """A channel where Ann asks once, and Bob clicks whatever card he finds open."""

    def __init__(self, slack: Slack) -> None:
        self.slack = slack
        self._ann, self._bob = slack.person("UANN"), slack.person("UBOB")
        self.channel: Channel = slack.channel("pond", members=[self._ann, self._bob])
        self._asked: Message | None = None

    async def goes_on(self) -> None:
        """What people do while a process lives. It never ends by itself."""
        await self.slack.connected(timeout=LONGEST_LIFE)
        clicked: set[tuple[str, str]] = set()
        if self._asked is None:
            self._asked = await self._ann.mentions(self.channel, "Do it.")
        while True:
            message, label = await self.slack.until(lambda: self._find_open(clicked), timeout=10 * LONGEST_LIFE)
            clicked.add((message.ts, label))
            await self._bob.clicks(message, label)

    def _find_open(self, clicked: set[tuple[str, str]]) -> tuple[Message, str] | None:
        found = (
            (message, label)
            for message in self.slack.answers(self.channel)
            for label in _OPEN
            if label in message.labels
        )
        return next((each for each in found if (each[0].ts, each[1]) not in clicked), None)

    def check(self, approvals: int) -> None:
        """Each card stands once and is closed; the answer stands once, whole, and nothing provisional beside it."""
        said = self.slack.answers(self.channel)
        cards = [message for message in said if "Approval " in message.text]
        assert len(cards) == approvals, f"{approvals} approvals, and {len(cards)} cards: {self.slack.picture()}"
        for card in cards:
            assert not set(_OPEN) & set(card.labels), f"a card is still open: {card.text}"
            assert "by bob" in card.text, f"a card does not say who decided: {card.text}"
        others = [message.text for message in said if message not in cards]
        assert others == [ANSWER], f"what stands beside the cards is {others}"
        assert not self.slack.violations, self.slack.violations


@dataclass(slots=True, kw_only=True)
class SlackEnumeration:
    nursery: Nursery
    folder: Path
    effect: Effect
    failures: list[str] = field(default_factory=list)

    async def points(self) -> tuple[str, ...]:
        """The names of all points of a run that nobody disturbs, in order."""
        folder = self._new_folder()
        async with Slack() as slack:
            pond = Pond(slack)
            assert await self._live(pond, folder, 1) == 0
            check_record(folder, self.effect)
            pond.check(count_approvals(folder))
        return read_journal(folder / "life-1.points")

    async def die_at(self, point: str) -> None:
        """Die there, come back, and look."""
        for _ in range(_TRIES):
            folder = self._new_folder()
            async with Slack() as slack:
                pond = Pond(slack)
                if await self._live(pond, folder, 1, Fate(dies_at=point)) != signal.SIGKILL:
                    continue
                try:
                    assert await self._live(pond, folder, 2) == 0
                    check_record(folder, self.effect)
                    pond.check(count_approvals(folder))
                except AssertionError as broken:
                    self.failures.append(f"{point}: {broken} ({folder})")
                return
        self.failures.append(f"{point}: it did not come up again in {_TRIES} runs")

    async def _live(self, pond: Pond, folder: Path, number: int, fate: Fate = UNTIL_REST) -> int:
        life = Life(
            folder=str(folder), number=number, effect=self.effect, streams=True, fate=fate, slack=pond.slack.base_url
        )
        people = asyncio.create_task(pond.goes_on())
        try:
            return await asyncio.to_thread(self.nursery.live, life)
        finally:
            people.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await people
            await pond.slack.until(lambda: not pond.slack.socket.sockets)

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))
