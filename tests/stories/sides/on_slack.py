"""Slack's side."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from runtime.records import UserRef
from tests.fakes.faults import Fault
from tests.fakes.slack import Message, Slack, render
from tests.fakes.slack.state import BOT
from tests.platforms.on_slack.contract_scene import with_token
from tests.stories.sides.side import Asked, Harm, Side, Standing

_WRITES = ("chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream")
_TEAM = "T1"


class SlackSide(Side):
    name = "slack"

    def __init__(self, slack: Slack, *, patience: float = 10.0) -> None:
        self._slack = slack
        slack.events.retry_delays = (0.0, 1.0, 5.0)
        super().__init__(patience=patience)
        self._pond = slack.channel("pond", members=[self.alice, self.bob, self.carol, self.mallory])

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

    def ref(self, who: str) -> UserRef:
        return UserRef(platform="slack", space=_TEAM, id=getattr(self, who).id)

    async def asks(self, text: str, *, privately: bool = False, after: Asked | None = None) -> Asked:
        if privately:
            said = await self.alice.dms(text)
        elif after is not None:
            said = await self.alice.says(self._pond, text, thread=after.message)
        else:
            said = await self.alice.mentions(self._pond, text)
        return Asked(message=said, place=f"{said.channel}/{said.thread}")

    async def hears(self, who: str, said: Any, containing: str) -> None:
        await self._slack.message(getattr(self, who).dm, thread=said, contains=containing, timeout=self.patience)

    async def opens_card(self, who: str) -> Standing:
        person = getattr(self, who)
        asked = await person.dms("pending")
        listed = await self._slack.message(person.dm, thread=asked, contains="Pending approvals")
        await person.clicks(listed, "Open")
        view = await self.until(lambda: person.modal, timeout=self.patience)
        labels = [button.label for button in view.content.buttons]
        return Standing(text=view.text, place="", is_private=True, labels=labels, message=view)

    def forged(self, card: Standing, label: str, *, token: str) -> Standing:
        whole = next(each for each in self._slack.state.messages if each.ts == card.message.ts)
        return replace(card, message=with_token(whole, label, token))

    def told(self, who: str) -> list[str]:
        person = getattr(self, who)
        note = [person.modal.text] if person.modal is not None and person.modal.title == "Mallard" else []
        return [*(message.text for message in person.ephemerals), *note]  # a click in a modal is answered there

    async def stops(self, place: str) -> None:
        channel, _, thread = place.partition("/")
        await self.alice.says(channel, "stop", thread=thread)

    def said(self) -> list[Message]:
        ours = [each for each in self._slack.state.messages if each.user == BOT.id]
        return [each for each in ours if not each.is_ephemeral and not each.deleted]

    def spoken(self) -> list[str]:
        return [each.ts for each in self._slack.state.messages if each.user != BOT.id and not each.deleted]

    def read(self, message: Message) -> Standing:
        return Standing(
            text="\n".join([message.text, *(file.text for file in message.files)]),
            place=f"{message.channel}/{message.thread}",
            is_private=message.channel != self._pond.id,
            labels=message.labels,
            message=message.snapshot(),
        )

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

    async def left(self) -> None:
        await self._slack.until(lambda: not self._slack.socket.sockets, timeout=self.patience)

    @property
    def calls(self) -> int:
        return len(self._slack.record.calls)

    @property
    def breaches(self) -> list[str]:
        pings = [f"pings {said.pings}: {said.text}" for said in self.said() if said.pings]
        return [*self._slack.violations, *self._slack.lapses, *pings]

    def advance(self, seconds: float) -> None:
        self._slack.clock.advance(seconds)

    def picture(self) -> str:
        return "\n".join(f"{each.channel}/{each.thread} {render(each)}" for each in self._slack.state.messages)


def _lift(faults: list[Fault]) -> Callable[[], None]:
    def lift() -> None:
        for fault in faults:
            fault.lift()

    return lift
