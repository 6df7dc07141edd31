"""Slack's side of a soak."""

from collections.abc import Callable
from typing import Any

from tests.fakes.faults import Fault
from tests.fakes.slack import Message, Slack
from tests.soak.deeds import Harm
from tests.soak.jobs import Job
from tests.soak.side import PATIENCE, Side, Standing

_WRITES = ("chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream")
_TEAM = "T1"


class SlackSide(Side):
    name = "slack"

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        slack.events.retry_delays = (0.0, 1.0, 5.0)
        super().__init__()
        self._pond = slack.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])
        self._asked: dict[int, Message] = {}

    def make_people(self) -> tuple[Any, Any, Any, Any]:
        alice, bob, carol, mallory = (self._slack.person(f"U{name}") for name in ("ALICE", "BOB", "CAROL", "MALLORY"))
        return alice, bob, carol, mallory

    async def put_away(self, person: Any) -> None:
        while person.modal is not None:
            await person.closes()

    @property
    def settings(self) -> dict[str, str]:
        return {
            "MALLARD_SLACK_API_URL": self._slack.base_url,
            "MALLARD_SLACK_BOT_TOKEN": self._slack.bot_token,
            "MALLARD_SLACK_APP_TOKEN": self._slack.app_token,
        }

    def written(self, who: str) -> str:
        return f"slack:{_TEAM}/U{who.upper()}"

    async def says(self, job: Job) -> None:
        if job.place == "direct":
            self._asked[job.number] = await self.alice.dms(job.request)
        elif job.place == "thread":
            await self.until(lambda: job.continues in self._asked, timeout=PATIENCE)
            root = self._asked[job.continues]
            self._asked[job.number] = await self.alice.says(self._pond, job.request, thread=root)
        else:
            self._asked[job.number] = await self.alice.mentions(self._pond, job.request)

    async def stops(self, place: str) -> None:
        channel, _, thread = place.partition("/")
        await self.alice.says(channel, "stop", thread=thread)

    def place_of(self, job: Job) -> str:
        message = self._asked[job.number]
        return f"{message.channel}/{message.thread}"

    def standing(self) -> list[Standing]:
        return [
            Standing(
                text="\n".join([said.text, *(file.text for file in said.files)]),
                place=f"{said.channel}/{said.thread}",
                is_private=said.channel != self._pond.id,
                labels=said.labels,
                message=said.snapshot(),
            )
            for channel in list(self._slack.state.channels)
            for said in self._slack.answers(channel)
        ]

    async def begin(self, harm: Harm) -> Callable[[], None]:
        match harm:
            case "connection drops":
                self._slack.socket.drop()
                return lambda: None
            case "session is lost":
                await self._slack.socket.disconnect("refresh_requested")
                return lambda: None
            case "too many calls":
                return _lift([self._slack.rate_limit(method, retry_after=3, times=None) for method in _WRITES])
            case "unwell":
                return _lift([self._slack.fail(method, status=503, times=None) for method in _WRITES])
            case "answers are lost":
                return _lift([self._slack.drop(method, times=2) for method in _WRITES])

    def gives_up(self, *, on: bool) -> None:
        self._slack.events.when_away = "lose" if on else "hold"

    async def until(self, look: Callable[[], Any], *, timeout: float) -> Any:
        return await self._slack.until(look, timeout=timeout)

    async def connected(self, *, timeout: float) -> None:
        await self._slack.connected(timeout=timeout)

    @property
    def calls(self) -> int:
        return len(self._slack.record.calls)

    @property
    def breaches(self) -> list[str]:
        pings = [
            f"pings {said.pings}: {said.text}"
            for channel in self._slack.state.channels
            for said in self._slack.answers(channel)
            if said.pings
        ]
        return [*self._slack.violations, *self._slack.lapses, *pings]

    def advance(self, seconds: float) -> None:
        self._slack.clock.advance(seconds)

    def picture(self) -> str:
        return "\n".join(self._slack.picture(channel) for channel in self._slack.state.channels)


def _lift(faults: list[Fault]) -> Callable[[], None]:
    def lift() -> None:
        for fault in faults:
            fault.lift()

    return lift
