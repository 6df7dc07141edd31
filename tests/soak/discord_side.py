"""Discord's side of a soak. A conversation of a channel is the thread on its first message."""

from collections.abc import Callable
from typing import Any

from tests.fakes.discord import Discord, Message
from tests.fakes.discord.messages import SPOKEN
from tests.fakes.faults import Fault
from tests.soak.deeds import Harm
from tests.soak.jobs import Job
from tests.soak.side import PATIENCE, Side, Standing

_WRITES = ("POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}")
_SLOW = "people wait for it"  # a busy machine, and no fault of anybody's


class DiscordSide(Side):
    name = "discord"

    def __init__(self, discord: Discord) -> None:
        self._discord = discord
        super().__init__()
        self._pond = discord.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])
        self._asked: dict[int, Message] = {}

    def make_people(self) -> tuple[Any, Any, Any, Any]:
        alice, bob, carol, mallory = (self._discord.person(name) for name in ("alice", "bob", "carol", "mallory"))
        return alice, bob, carol, mallory

    async def put_away(self, person: Any) -> None:
        if person.modal is not None:
            person.closes()

    @property
    def settings(self) -> dict[str, str]:
        return {"MALLARD_DISCORD_API_URL": self._discord.api_url, "MALLARD_DISCORD_TOKEN": self._discord.token}

    def written(self, who: str) -> str:
        return f"discord:{getattr(self, who).id}"

    async def says(self, job: Job) -> None:
        if job.place == "direct":
            self._asked[job.number] = await self.alice.dms(job.request)
        elif job.place == "thread":
            await self.until(lambda: self._thread_of(job.continues), timeout=PATIENCE)
            root = self._asked[job.continues]
            self._asked[job.number] = await self.alice.says(self._pond, job.request, thread=root)
        else:
            self._asked[job.number] = await self.alice.mentions(self._pond, job.request)

    def _thread_of(self, number: int) -> Any:
        asked = self._asked.get(number)
        return asked and self._discord.thread_of(asked)

    async def stops(self, place: str) -> None:
        await self.alice.says(place, "stop")

    def place_of(self, job: Job) -> str:
        message = self._asked[job.number]
        return message.id if message.channel == self._pond.id else message.channel

    def standing(self) -> list[Standing]:
        return [
            Standing(
                text="\n".join([said.text, *(file.content.decode() for file in said.attachments)]),
                place=said.channel,
                is_private=self._discord.state.channels[said.channel].is_direct,
                labels=said.labels,
                message=said.snapshot(),
            )
            for said in self._said()
        ]

    def _said(self) -> list[Message]:
        ours = [each for each in self._discord.state.messages if each.author == self._discord.bot.id]
        return [each for each in ours if each.type in SPOKEN and not each.is_ephemeral and not each.deleted]

    async def begin(self, harm: Harm) -> Callable[[], None]:
        match harm:
            case "connection drops":
                self._discord.gateway.drop()
                return lambda: None
            case "session is lost":
                self._discord.gateway.invalidate(resumable=False)
                return lambda: None
            case "too many calls":
                return _lift([self._discord.rate_limit(method, retry_after=3, times=None) for method in _WRITES])
            case "unwell":
                return _lift([self._discord.fail(method, status=503, times=None) for method in _WRITES])
            case "answers are lost":
                return _lift([self._discord.drop(method, times=2) for method in _WRITES])

    def gives_up(self, *, on: bool) -> None:
        """Discord never keeps anything but for a session, and a process that was killed has none."""

    async def until(self, look: Callable[[], Any], *, timeout: float) -> Any:
        return await self._discord.until(look, timeout=timeout)

    async def connected(self, *, timeout: float) -> None:
        await self._discord.connected(timeout=timeout)

    @property
    def calls(self) -> int:
        return len(self._discord.record.calls)

    @property
    def breaches(self) -> list[str]:
        pings = [f"pings {said.pings}: {said.text}" for said in self._said() if said.pings]
        lapses = [lapse for lapse in self._discord.lapses if _SLOW not in lapse]
        return [*self._discord.violations, *lapses, *pings]

    def advance(self, seconds: float) -> None:
        self._discord.clock.advance(seconds)

    def picture(self) -> str:
        return "\n".join(self._discord.picture(channel) for channel in self._discord.state.channels)


def _lift(faults: list[Fault]) -> Callable[[], None]:
    def lift() -> None:
        for fault in faults:
            fault.lift()

    return lift
