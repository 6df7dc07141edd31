"""The scene of the contract on Slack: a thread in a channel, on the loopback."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.fakes.slack import Call, Content, Fault, Message, Person, Receipt, Slack, Snapshot
from tests.platforms.contract.scene import Card, Crowd, Seen, Somebody
from tests.stories.world import World

PATIENCE = 20.0  # a megabyte of what must all be written out takes a slow machine its time
DEADLINE = 3.0  # seconds that Slack waits for the acknowledgement of a click
_CARD = re.compile(r"Approval \d+:")
_FORMS = {"Deny": "Reason", "Change…": "What should be different?", "Answer…": "Your answer"}


class SlackScene(World, Crowd):
    def __init__(self, slack: Slack, folder: Path, changes: dict[str, str]) -> None:
        super().__init__(slack, folder, changes)
        slack.patience = PATIENCE
        self._clients = {person.user.name: person for person in (self.alice, self.bob, self.mallory)}
        self.asker, self.approver, self.stranger = map(self._somebody, self._clients.values())
        self.colleague = self.approver
        self._thread: Message | None = None
        self._late: list[str] = []
        self._burrow = slack.channel("burrow", members=[self.alice], kind="group")

    def _somebody(self, person: Person) -> Somebody:
        return Somebody(name=person.user.name, ref=self.ref(person))

    def _client(self, who: Somebody) -> Person:
        return self._clients[who.name]

    # what people do

    async def says(self, text: str, *, by: Somebody | None = None) -> None:
        person = self._client(by or self.asker)
        if self._thread is None:
            self._thread = await person.mentions(self.pond, text)
        elif by == self.stranger:
            await person.mentions(self.pond, text, thread=self._thread)
        else:
            await person.says(self.pond, text, thread=self._thread)

    async def says_in_private(self, text: str, *, by: Somebody | None = None) -> str:
        person = self._client(by or self.asker)
        asked = await person.dms(text)
        answered = await self.slack.until(
            lambda: [said for said in self.slack.answers(person.dm, asked) if not said.is_streaming]
        )
        return "\n".join(message.text for message in answered)

    async def clicks(self, card: Card, label: str, *, by: Somebody | None = None, words: str = "") -> None:
        assert isinstance(card, Message)
        person = self._client(by or self.approver)
        told, is_offered = len(person.ephemerals), label in card.labels
        self._take(label, await person.clicks(card if is_offered else as_offered(card, label), label))
        if (field := _FORMS.get(label)) is None:
            return
        await self.slack.until(lambda: person.modal or len(person.ephemerals) > told)
        if person.modal is not None:
            assert is_offered, "there is nothing left to ask words for"
            self._take(label, await person.submits(values={field: words} if words else {}))

    def _take(self, label: str, receipt: Receipt) -> None:
        if receipt.took is None or receipt.took > DEADLINE:
            self._late.append(f"{label}: {receipt.failure or receipt.took}")

    async def clicks_forged(self, card: Card, label: str, token: str) -> None:
        assert isinstance(card, Message)
        person = self._client(self.approver)
        self._take(label, await person.clicks(with_token(card, label, token), label))
        assert person.modal is None

    async def reads_whole(self, card: Card, *, by: Somebody | None = None) -> str:
        assert isinstance(card, Message)
        person = self._client(by or self.asker)
        await person.clicks(as_offered(card, "Show everything"), "Show everything")
        name = "[file approval-"  # comes as well where a modal has no room, and instead where Slack opened none in time
        await self.slack.until(lambda: person.modal or any(name in said.text for said in self.slack.answers(person.dm)))
        if person.modal is not None and "left out" not in person.modal.text:
            return person.modal.text
        file = await self.slack.message(person.dm, contains=name)
        return file.files[0].text

    async def says_among(self, others: Sequence[Somebody], text: str) -> None:
        self._burrow.members |= {self._client(other).id for other in others}
        asked = await self._client(self.asker).mentions(self._burrow, text)
        await self.slack.message(self._burrow, thread=asked, contains="Done.")

    def leaves(self, person: Somebody) -> None:
        self._client(person).leaves(self._burrow)

    # what people see

    async def seen(self, look: Callable[[], Seen | None]) -> Seen:
        return await self.slack.until(look)

    def find_card(self, number: int) -> Card | None:
        return next(iter(self._cards(number)), None)

    def copies(self, number: int) -> int:
        return len(self._cards(number))

    def _cards(self, number: int) -> list[Message]:
        return [said for said in self.slack.answers(self.pond) if f"Approval {number}:" in said.text]

    def answers(self) -> list[str]:
        said = self.slack.answers(self.pond, self._thread)
        return [_read(message) for message in said if not _CARD.search(message.text)]

    def private(self, person: Somebody) -> list[str]:
        return [_read(message) for message in self.slack.answers(self._client(person).dm)]

    def told(self, person: Somebody) -> list[str]:
        return [message.text for message in self._client(person).ephemerals]

    def late_clicks(self) -> list[str]:
        return self._late

    def disturbances(self) -> list[str]:
        pings = [ping for message in self.slack.answers(self.pond) for ping in message.pings]
        return [*pings, *self.slack.violations, *self.slack.lapses]

    # trouble

    def cards_fail(self, times: int | None = None) -> Fault:
        return self.slack.fail("chat.postMessage", "service_unavailable", times=times, when=_is_card)

    def updates_fail(self, times: int | None = None) -> Fault:
        return self.slack.fail("chat.update", "service_unavailable", times=times, when=_is_card)

    def cards_stay_unclear(self, times: int) -> Fault:
        return self.slack.fail("chat.postMessage", "internal_error", times=times, when=_is_card)

    def deliver_copies(self, times: int) -> None:
        self.slack.events.copies = times

    async def delivered_again(self) -> None:
        seen = [envelope.payload["event_id"] for envelope in self.slack.events.sent if "event_id" in envelope.payload]
        for event_id in seen:
            await self.slack.events.redeliver(event_id)

    def hold_messages(self) -> None:
        self.slack.events.hold()

    async def release_messages(self, *, backwards: bool) -> None:
        await self.slack.events.release(backwards=backwards)

    def lose_messages(self) -> None:
        self.slack.events.lose()

    async def settled(self) -> None:
        await self.slack.events.settled()

    async def makes_noise(self) -> None:
        robot = self.slack.other_bot("UROBOT")
        self.pond.members.add(robot.id)
        said = await self.alice.says(self.pond, "just talking to people")
        await self.alice.edits(said, "just talking, edited")
        await self.alice.deletes(said)
        await self.carol.joins(self.pond)
        await robot.mentions(self.pond, "beep")
        await self.alice.says(self.pond, "a thread without it", thread=await self.bob.says(self.pond, "root"))
        if self._thread is not None:
            await robot.mentions(self.pond, "and hello from me", thread=self._thread)
            await robot.says(self.pond, "anybody here?", thread=self._thread)
            await self.alice.edits(self._thread, f"<@U0BOT> {self._thread.text} there")
        await self.settled()


def as_offered(card: Message, label: str) -> Snapshot:
    """The card as it stood when it last offered this: what a client shows that was not looked at since."""
    for content in (card.content, *reversed(card.past)):
        if label in [button.label for button in content.buttons]:
            return replace(card.snapshot(), content=content)
    raise AssertionError(f"it never offered {label!r}")


def with_token(card: Message, label: str, token: str) -> Snapshot:
    """The card as somebody would see it whose button carried another token."""

    def changed(element: dict[str, Any]) -> dict[str, Any]:
        is_it = (element.get("text") or {}).get("text") == label
        return element | {"value": token} if is_it else element

    blocks = tuple(
        block | {"elements": [changed(element) for element in block["elements"]]}
        if block["type"] == "actions"
        else block
        for block in card.blocks
    )
    return replace(card.snapshot(), content=Content(card.fallback, blocks))


def _is_card(call: Call) -> bool:
    return "Approval" in str(call.get("blocks"))


def _read(message: Message) -> str:
    return "\n".join([message.text, *(file.text for file in message.files)])


@asynccontextmanager
async def open_slack(folder: Path, capture: Any = None, **changes: str) -> AsyncIterator[SlackScene]:
    """A scene whose house is open. `changes` are settings by their environment names."""
    async with Slack(capture=capture) as slack:
        scene = SlackScene(slack, folder, changes)
        await scene.open()
        try:
            yield scene
        finally:
            await scene.close()
        slack.check_clean()
