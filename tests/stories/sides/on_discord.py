"""Discord's side. A conversation of a channel is the thread on its first message."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bots.discord.settings import PREFIX
from runtime.records import UserRef
from tests.fakes.discord import Discord, Message, render
from tests.fakes.discord.messages import SPOKEN
from tests.fakes.faults import Fault
from tests.stories.sides.side import Asked, Harm, Side, Standing

_WRITES = ("POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}")
_TYPE = "POST /channels/{channel}/typing"
_SLOW = "people wait for it"  # a busy machine, and no fault of anybody's


class DiscordSide(Side):
    name = "discord"

    def __init__(self, discord: Discord, *, patience: float = 10.0) -> None:
        self._discord = discord
        super().__init__(patience=patience)
        self._pond = discord.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])

    def make_people(self) -> tuple[Any, Any, Any, Any]:
        alice, bob, carol, mallory = (self._discord.person(name) for name in ("alice", "bob", "carol", "mallory"))
        return alice, bob, carol, mallory

    async def put_away(self, person: Any) -> None:
        if person.modal is not None:
            person.closes()

    @property
    def settings(self) -> dict[str, str]:
        return {"MALLARD_DISCORD_API_URL": self._discord.api_url, "MALLARD_DISCORD_TOKEN": self._discord.token}

    def ref(self, who: str) -> UserRef:
        return UserRef(platform="discord", id=getattr(self, who).id)

    async def asks(self, text: str, *, privately: bool = False, after: Asked | None = None) -> Asked:
        if privately:
            said = await self.alice.dms(text)
            return Asked(message=said, place=said.channel)
        if after is None:
            said = await self.alice.mentions(self._pond, text)
            return Asked(message=said, place=said.id)
        await self.until(lambda: self._discord.state.find_channel(after.place), timeout=self.patience)
        said = await self.alice.says(self._pond, text, thread=after.place)
        return Asked(message=said, place=said.channel)

    async def hears(self, who: str, said: Any, containing: str) -> None:
        await self._discord.message(getattr(self, who).dm, contains=containing, timeout=self.patience)

    async def opens_card(self, who: str) -> Standing:
        person = getattr(self, who)
        await person.dms("pending")
        listed = await self._discord.message(person.dm, contains="Pending approvals")
        await person.clicks(listed, "Open")
        copy = await self._discord.ephemeral(person, contains="Approval")
        return Standing(text=copy.text, place="", is_private=True, labels=copy.labels, message=copy)

    def forged(self, card: Standing, label: str, *, token: str) -> Standing:
        def changed(component: dict[str, Any]) -> dict[str, Any]:
            inside = [changed(child) for child in component.get("components", ())]
            its = {"custom_id": f"{PREFIX}{token}"} if component.get("label") == label else {}
            return component | its | ({"components": inside} if inside else {})

        content = replace(card.message.content, components=tuple(map(changed, card.message.content.components)))
        return replace(card, message=replace(card.message, content=content))

    def told(self, who: str) -> list[str]:
        return [message.text for message in getattr(self, who).ephemerals]

    async def stops(self, place: str) -> None:
        await self.alice.says(place, "stop")

    def said(self) -> list[Message]:
        ours = [each for each in self._discord.state.messages if each.author == self._discord.bot.id]
        return [each for each in ours if each.type in SPOKEN and not each.is_ephemeral and not each.deleted]

    def spoken(self) -> list[str]:
        theirs = [each for each in self._discord.state.messages if each.author != self._discord.bot.id]
        return [each.id for each in theirs if each.type in SPOKEN and not each.deleted]

    def read(self, message: Message) -> Standing:
        return Standing(
            text="\n".join([message.text, *(file.content.decode() for file in message.attachments)]),
            place=message.channel,
            is_private=self._discord.state.channels[message.channel].is_direct,
            labels=message.labels,
            message=message.snapshot(),
        )

    async def begin(self, harm: Harm) -> Callable[[], None]:
        match harm:
            case "connection drops":
                self._discord.gateway.drop()
                return lambda: None
            case "session is lost":
                self._discord.gateway.invalidate(resumable=False)
                return lambda: None
            case "too many calls":
                limits = [self._discord.rate_limit(method, retry_after=3, times=None) for method in _WRITES]
                limits.append(self._discord.rate_limit(_TYPE, retry_after=1, times=None, is_global=True))
                return _lift(limits)
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

    async def left(self) -> None:
        await self._discord.until(lambda: not self._discord.gateway.sockets, timeout=self.patience)

    @property
    def calls(self) -> int:
        return len(self._discord.record.calls)

    @property
    def breaches(self) -> list[str]:
        pings = [f"pings {said.pings}: {said.text}" for said in self.said() if said.pings]
        lapses = [lapse for lapse in self._discord.lapses if _SLOW not in lapse]
        return [*self._discord.violations, *lapses, *pings]

    def advance(self, seconds: float) -> None:
        self._discord.clock.advance(seconds)

    def picture(self) -> str:
        return "\n".join(f"{each.channel} {render(each)}" for each in self._discord.state.messages)


def _lift(faults: list[Fault]) -> Callable[[], None]:
    def lift() -> None:
        for fault in faults:
            fault.lift()

    return lift
