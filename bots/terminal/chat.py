"""One person's conversation at the terminal: lines in, through the door; what comes back is the courier's."""

import time
import uuid
from collections.abc import Awaitable, Callable
from typing import assert_never

from bots.terminal.lines import Hint, Late, Nothing, Press, Quit, Say, Turn, read_line
from bots.terminal.platform import TerminalPlatform
from bots.terminal.reception import Reception
from bots.terminal.watch import Watch
from runtime.commands import Decide, read_command
from runtime.contents import Card
from runtime.ports import Clock
from runtime.records import IncomingMessage, RunId
from runtime.states import ApprovalStatus, RunStatus

_TOO_FRESH = 1.0  # seconds: a key pressed sooner may be meant for the card that stood there before
_SHOWN_AT_START = 10

_NEEDED = {
    "change": ("What should be different?", "c", "what to change"),
    "answer": ("Your answer?", "n", "what your answer is"),
}

Ask = Callable[[str], Awaitable[str | None]]


def message_of(platform: TerminalPlatform, clock: Clock, text: str, message_id: str) -> IncomingMessage:
    """What the person at this terminal says, as the door takes it."""
    return IncomingMessage(
        id=message_id,
        where=platform.where,
        author=platform.user,
        author_name=platform.user.id,
        text=text,
        sent_at=clock.now(),
        direct=True,
    )


class Chat:
    """Acts on typed lines. `ask` puts a question to the person; without it keys need a number and words at once."""

    def __init__(self, platform: TerminalPlatform, clock: Clock, watch: Watch, *, ask: Ask | None = None) -> None:
        self._platform, self._clock, self._watch, self._ask = platform, clock, watch, ask
        self._said: list[str] = []  # messages, by their ids
        self._reception = Reception(platform.where, watch, platform.is_free)
        platform.takes = self._reception.takes

    async def greet(self) -> None:
        """Show the cards that were left open by earlier sessions."""
        platform = self._platform
        tokens = await self._watch.list_pending()
        for token in tokens[:_SHOWN_AT_START]:
            card = await platform.door.read_card(token, by=platform.user)
            if card and card.buttons and card.approval_id not in platform.cards:
                platform.show(card)
        if len(tokens) > _SHOWN_AT_START:
            platform.screen.say(f"{len(tokens) - _SHOWN_AT_START} more wait for a decision: type pending.")

    async def take(self, line: str) -> bool:
        """Do what a line means. False once the person wants to leave."""
        platform = self._platform
        meaning = read_line(line, cards=platform.cards, bare_keys=self._bare_keys(), piped=self._ask is None)
        match meaning:
            case Quit():
                return False
            case Nothing():
                pass
            case Hint(text):
                platform.screen.say(text)
            case Say(text):
                command = read_command(text)
                if isinstance(command, Decide) and command.number is not None:
                    self._follow(command.number)
                await self._say(text)
            case Press(card, verb, words):
                await self._press(card, verb, words)
            case Late(number, verb):
                await self._answer_late(number, verb)
            case Turn(way):
                await self._turn(way)
            case _:
                assert_never(meaning)
        return True

    def list_waiting(self) -> tuple[RunId, ...]:
        """The runs that were asked for by lines taken here, and wait for a person."""
        found = (self._watch.find_run(self._platform.where, message_id) for message_id in self._said)
        return tuple(run.id for run in found if run is not None and run.status is RunStatus.WAITING)

    async def interrupt(self) -> None:
        """Stop what is being worked on, and nothing that waits for a person or for its turn."""
        platform = self._platform
        page = await platform.door.interrupt(platform.where, by=platform.user)
        if page.entries:
            platform.screen.show(page)

    async def _say(self, text: str) -> None:
        message_id = uuid.uuid4().hex
        await self._platform.door.receive(message_of(self._platform, self._clock, text, message_id))
        self._said.append(message_id)

    def _follow(self, number: int) -> None:
        """What is decided here and was asked in another conversation is answered there: say so, and show it here where
        nobody has that open."""
        run = self._watch.find_asking(number)
        if run is None or run.where.platform != self._platform.name or run.where == self._platform.where:
            return
        self._reception.followed.add(run.id)
        if not self._platform.is_free(run.where.channel):
            self._platform.screen.say(
                f"Run {run.id} answers in the window of {run.where.channel!r}, where it was asked."
            )

    def _bare_keys(self) -> bool:
        return self._ask is not None and time.monotonic() - self._platform.cards_changed_at > _TOO_FRESH

    async def _press(self, card: Card, verb: str, words: str | None) -> None:
        if verb == "show":
            return await self._show_whole(card)
        if words is None and verb in {"deny", "change", "answer"}:
            words = await self._ask_for_words(card, verb)
            if words is None:
                return None
        platform = self._platform
        self._follow(card.approval_id)
        token = next(button.token for button in card.buttons if button.verb == verb)
        settlement = await platform.door.click(
            token, by=platform.user, by_name=platform.user.id, where=platform.where, comment=words or ""
        )
        platform.screen.say(settlement.words)
        if settlement.card and not settlement.card.buttons:
            platform.close_card(settlement.card, silently=True)
        return None

    async def _answer_late(self, number: int, verb: str) -> None:
        """Show it once more, or do what can be done about what is settled. What waits elsewhere is not decided unseen."""
        platform = self._platform
        card = await platform.door.find_card(number, by=platform.user)
        if card is not None and verb == "show":
            platform.screen.show(card, whole=True)
        elif card is not None and card.status is not ApprovalStatus.PENDING:
            token = platform.door.token_of(card.approval_id, verb)
            late = await platform.door.click(token, by=platform.user, by_name=platform.user.id, where=platform.where)
            platform.screen.say(late.words)
        else:
            platform.screen.say(f"Card {number} is not open here. Type pending to see what waits for a decision.")

    async def _ask_for_words(self, card: Card, verb: str) -> str | None:
        """What a denial, a change or an answer needs; None where the person gave nothing and nothing will not do."""
        if verb == "deny":
            return await self._ask("Why not? (Enter for no reason, Ctrl-C to go back) ") if self._ask else ""
        question, key, what = _NEEDED[verb]
        words = await self._ask(f"{question} (Ctrl-C to go back) ") if self._ask else None
        if not words:
            self._platform.screen.say(f"Say {what}: {key} {card.approval_id} and your words. Nothing was decided.")
            return None
        return words

    async def _show_whole(self, card: Card) -> None:
        platform = self._platform
        token = next((button.token for button in card.buttons if button.verb == "show"), card.buttons[0].token)
        whole = await platform.door.read_card(token, by=platform.user)
        platform.screen.show(whole or card, whole=True)

    async def _turn(self, way: str) -> None:
        platform = self._platform
        page = platform.page
        token = (page.older if way == "older" else page.newer) if page else ""
        if not token:
            platform.screen.say(f"There is nothing {way}.")
            return
        platform.show(await platform.door.read_page(token, by=platform.user, where=platform.where, direct=True))
