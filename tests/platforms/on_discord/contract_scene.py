"""The scene of the contract on Discord: the thread that Mallard opens at a request in a channel, on the loopback."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bots.discord import DiscordPlatform
from runtime.ports import Platform
from runtime.records import ConversationRef, UserRef
from tests.fakes.discord import Discord, Message, Person
from tests.fakes.discord.interactions import Receipt
from tests.fakes.discord.permissions import Permission
from tests.fakes.faults import Fault
from tests.fakes.record import Call
from tests.platforms.contract.scene import Card, Crowd, Seen, Somebody
from tests.platforms.on_discord.conftest import LoopbackClock, quick
from tests.platforms.on_discord.shown_cards import ShownCard, as_offered, as_read, with_token

PATIENCE = 20.0
DEADLINE = 3.0  # seconds that Discord waits for the acknowledgement of a click
_POST, _EDIT = "POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}"
_COMMANDS = "GET /applications/{application}/commands"  # asked once all that is there is known
_CARD = re.compile(r"Approval \d+:")
_FORMS = {"Deny": "Reason", "Change…": "What should be different?", "Answer…": "Your answer", "Always allow": "Remark"}


class DiscordScene(Crowd):
    """`alice` may talk, `bob` is an approver, `carol` an administrator, `mallory` a stranger; all are in `pond`."""

    def __init__(self, discord: Discord, folder: Path, changes: dict[str, str]) -> None:
        super().__init__(folder, changes, LoopbackClock(discord))
        self.discord = discord
        discord.patience = PATIENCE
        self._clients = {name: discord.person(name) for name in ("alice", "bob", "carol", "mallory")}
        self.asker, self.approver, self._carol, self.stranger = map(self._somebody, self._clients.values())
        self.colleague = self.approver
        self._pond = discord.channel("pond", members=self._clients.values())
        self._burrow = discord.channel("burrow", members=[self._clients["alice"]], private=True)
        self._thread: Message | None = None
        self._late: list[str] = []

    def _somebody(self, person: Person) -> Somebody:
        return Somebody(name=person.name.title(), ref=UserRef(platform="discord", id=person.id))

    def _client(self, who: Somebody) -> Person:
        return next(person for person in self._clients.values() if person.id == who.ref.id)

    # the house

    def people(self) -> dict[str, str]:
        return {
            "MALLARD_USERS": str(self.asker.ref),
            "MALLARD_APPROVERS": str(self.approver.ref),
            "MALLARD_ADMINS": str(self._carol.ref),
        }

    def make_platforms(self) -> Mapping[str, Platform]:
        self._starts = len(self.discord.record.calls_of(_COMMANDS))
        return {"discord": DiscordPlatform(quick(self.discord, request_timeout=10.0), self.clock)}

    async def let_people_in(self, until: AsyncExitStack) -> None:
        await self.discord.called(_COMMANDS, times=self._starts + 1)

    # what people do

    async def says(self, text: str, *, by: Somebody | None = None) -> None:
        person = self._client(by or self.asker)
        if self._thread is None:
            self._thread = await person.mentions(self._pond, text)
            return
        if self.discord.thread_of(self._thread) is None:
            await person.opens_thread(self._thread)  # nobody has to wait until Mallard does
        if by == self.stranger:
            await person.mentions(self._pond, text, thread=self._thread)
        else:
            await person.says(self._pond, text, thread=self._thread)

    async def says_in_private(self, text: str, *, by: Somebody | None = None) -> str:
        person = self._client(by or self.asker)
        asked = await person.dms(text)

        def answered() -> list[Message]:
            return [said for said in self.discord.answers(person.dm) if int(said.id) > int(asked.id)]

        await self.discord.until(answered)
        await self.house.watch.wait_until_quiet(ConversationRef(platform="discord", channel=person.dm.id))
        return "\n".join(_read(said) for said in answered())

    async def clicks(self, card: Card, label: str, *, by: Somebody | None = None, words: str = "") -> None:
        assert isinstance(card, ShownCard)
        person = self._client(by or self.approver)
        told = len(person.ephemerals)
        self._take(label, await person.clicks(as_offered(card.message, label), label))
        if (field := _FORMS.get(label)) is None:
            return
        await self.discord.until(lambda: person.modal or len(person.ephemerals) > told)
        if person.modal is not None:
            self._take(label, await person.submits({field: words} if words else {}))

    def _take(self, label: str, receipt: Receipt) -> None:
        if receipt.took is None or receipt.took > DEADLINE:
            self._late.append(f"{label}: {receipt.failure or receipt.took}")

    async def clicks_forged(self, card: Card, label: str, token: str) -> None:
        assert isinstance(card, ShownCard)
        person = self._client(self.approver)
        self._take(label, await person.clicks(with_token(card.message, label, token), label))
        assert person.modal is None

    async def reads_whole(self, card: Card, *, by: Somebody | None = None) -> str:
        assert isinstance(card, ShownCard)
        person = self._client(by or self.asker)
        await person.clicks(as_offered(card.message, "Show everything"), "Show everything")
        modal = await self.discord.until(lambda: person.modal)
        if "do not fit here" not in modal.text:
            return as_read(modal.text)
        file = await self.discord.message(person.dm, contains="[file approval-")
        return _files(file)

    async def says_among(self, others: Sequence[Somebody], text: str) -> None:
        for other in others:
            self.discord.allow(self._burrow, self._client(other).id, Permission.VIEW_CHANNEL)
        asked = await self._client(self.asker).mentions(self._burrow, text)
        await self.discord.message(self._burrow, thread=asked, contains="Done.")

    def leaves(self, person: Somebody) -> None:
        self.discord.deny(self._burrow, self._client(person).id, Permission.VIEW_CHANNEL)

    # what people see

    async def seen(self, look: Callable[[], Seen | None]) -> Seen:
        return await self.discord.until(look)

    def find_card(self, number: int) -> Card | None:
        return next((ShownCard(message) for message in self._cards(number)), None)

    def copies(self, number: int) -> int:
        return len(self._cards(number))

    def _cards(self, number: int) -> list[Message]:
        return [said for said in self._said() if f"Approval {number}:" in said.text]

    def _said(self) -> list[Message]:
        """What Mallard said in the thread, or in its channel where it may open none."""
        answers = self.discord.answers(self._pond)
        return answers if self._thread is None else answers + self.discord.answers(self._pond, self._thread)

    def answers(self) -> list[str]:
        return [_read(message) for message in self._said() if message.text and not _CARD.search(message.text)]

    def private(self, person: Somebody) -> list[str]:
        return [_read(message) for message in self.discord.answers(self._client(person).dm)]

    def told(self, person: Somebody) -> list[str]:
        return [as_read(message.text) for message in self._client(person).ephemerals]

    def late_clicks(self) -> list[str]:
        return self._late

    def disturbances(self) -> list[str]:
        pings = [ping for message in self._said() for ping in message.pings]
        return [*pings, *self.discord.violations, *self.discord.lapses]

    # trouble

    def cards_fail(self, times: int | None = None) -> Fault:
        return self.discord.fail(_POST, status=503, times=times, when=_is_card)

    def updates_fail(self, times: int | None = None) -> Fault:
        return self.discord.fail(_EDIT, status=503, times=times, when=_is_card)

    def cards_stay_unclear(self, times: int) -> Fault:
        return self.discord.drop(_POST, processed=False, times=times, when=_is_card)

    def deliver_copies(self, times: int) -> None:
        self.discord.gateway.copies = times

    async def delivered_again(self) -> None:
        for event in [event for event in self.discord.gateway.sent if event.name == "MESSAGE_CREATE"]:
            self.discord.gateway.again(event)

    def hold_messages(self) -> None:
        self.discord.gateway.hold("MESSAGE_CREATE")

    async def release_messages(self, *, backwards: bool) -> None:
        self.discord.gateway.release(backwards=backwards)

    def lose_messages(self) -> None:
        self.discord.gateway.held.clear()
        self.discord.gateway.release()

    async def settled(self) -> None:
        """Events keep their order: what was said before this question is taken in before its answer comes."""
        carol = self._client(self._carol)
        asked = await carol.dms("help")
        await self.discord.until(lambda: [m for m in self.discord.answers(carol.dm) if int(m.id) > int(asked.id)])

    async def makes_noise(self) -> None:
        alice, bob = self._client(self.asker), self._client(self.approver)
        robot = self.discord.other_bot("robot")
        robot.joins(self.discord.home)
        said = await alice.says(self._pond, "just talking to people")
        await alice.edits(said, "just talking, edited")
        await alice.deletes(said)
        await robot.mentions(self._pond, "beep")
        await alice.says(self._pond, f"{self.discord.bot.mention} from a hook", webhook="1")
        root = await bob.says(self._pond, "root")
        await bob.opens_thread(root)
        await alice.says(self._pond, "a thread without it", thread=root)
        if self._thread is not None:
            await robot.mentions(self._pond, "and hello from me", thread=self._thread)
            await robot.says(self._pond, "anybody here?", thread=self._thread)
            await alice.edits(self._thread, f"{self._thread.text} there")
        await self.settled()


def _is_card(call: Call) -> bool:
    return "Approval" in str(call.get("components"))


def _read(message: Message) -> str:
    return "\n".join(filter(None, [as_read(message.text), _files(message)]))


def _files(message: Message) -> str:
    return "\n".join(file.content.decode() for file in message.attachments)


@asynccontextmanager
async def open_discord(folder: Path, capture: Any = None, **changes: str) -> AsyncIterator[DiscordScene]:
    """A scene whose house is open. `changes` are settings by their environment names."""
    async with Discord(capture=capture) as discord:
        scene = DiscordScene(discord, folder, changes)
        await scene.open()
        try:
            yield scene
        finally:
            await scene.close()
        discord.check_clean()
