"""A screen on paper: everything that was ever printed on it can be read again, by a person's eye."""

import errno
import io
import re
from collections.abc import Iterator

from msgspec import Struct

from bots.terminal.screens import PlainScreen
from bots.terminal.wording import KEYS
from runtime.contents import VERB_LABELS, Card, Content
from tests.fakes.pulse import Pulse

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_OFFER = re.compile(r"\[(?P<key>[a-z]) (?P<number>\d+)\]")
_OPTION = re.compile(r"^(?:┃ )?\[(?P<key>[1-9]) (?P<number>\d+)\] (?P<label>.+)$", re.MULTILINE)
_CLOSING = re.compile(r"Card (?P<number>\d+): ")


class Jam(Struct, eq=False):
    """So many writes fail; None: until it is lifted."""

    left: int | None
    pulse: Pulse
    hits: int = 0

    def hit(self) -> None:
        if self.left == 0:
            return
        if self.left is not None:
            self.left -= 1
        self.hits += 1
        self.pulse.beat()
        raise BlockingIOError(errno.EAGAIN, "write could not complete without blocking")

    def lift(self) -> None:
        self.left = 0

    async def arrived(self, count: int = 1) -> None:
        await self.pulse.until(
            lambda: self.hits >= count, timeout=5, explain=lambda: f"writing failed {self.hits} times"
        )


class Sheet(io.StringIO):
    """What a terminal's stream becomes. While it is jammed nothing gets through."""

    jam: Jam | None = None

    def write(self, text: str) -> int:
        if self.jam is not None:
            self.jam.hit()
        return super().write(text)


class Print(Struct, kw_only=True):
    """Something that was printed at once: Mallard's words, a card, or a line of the terminal's own (`aside`)."""

    text: str
    card: int = 0
    aside: bool = False
    streamed: bool = False


class Paper(PlainScreen):
    """Plain, and streaming: what a person at a keyboard sees, without colours and borders."""

    streams = True

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self.prints: list[Print] = []
        self.out, self.err = Sheet(), Sheet()
        super().__init__(self.out, self.err)

    def show(self, content: Content, *, whole: bool = False) -> None:
        start = self.out.tell()
        super().show(content, whole=whole)
        number = content.approval_id if isinstance(content, Card) and not whole else 0
        self._note(Print(text=self.out.getvalue()[start:].rstrip("\n"), card=number))

    def say(self, text: str) -> None:
        start = self.err.tell()
        super().say(text)
        self._note(Print(text=self.err.getvalue()[start:].rstrip("\n"), aside=True))

    def write(self, lines: str, *, goes_on: bool = False) -> None:
        start = self.out.tell()
        super().write(lines, goes_on=goes_on)
        text = self.out.getvalue()[start:]
        if self.prints and self.prints[-1].streamed:
            self.prints[-1].text += text
            self.pulse.beat()
        else:
            self._note(Print(text=text, streamed=True))

    def _note(self, printed: Print) -> None:
        self.prints.append(printed)
        self.pulse.beat()

    @property
    def everything(self) -> str:
        return self.out.getvalue() + self.err.getvalue()

    def answers(self) -> list[str]:
        return [printed.text for printed in self.prints if not printed.card and not printed.aside]

    def asides(self) -> list[str]:
        """What the terminal itself said, but for how cards ended."""
        said = [printed.text for printed in self.prints if printed.aside]
        return [text for text in said if text and not _CLOSING.match(text)]

    def cards(self, number: int) -> list[str]:
        """The card of an approval, each time it was printed."""
        return [printed.text for printed in self.prints if printed.card == number]

    def closings(self, number: int) -> Iterator[str]:
        for printed in self.prints:
            found = _CLOSING.match(printed.text) if printed.aside else None
            if found and int(found["number"]) == number:
                yield printed.text


def keys_offered(text: str, number: int) -> dict[str, str]:
    """The keys that a printed card says it takes, by what they do."""
    found = (offer for offer in _OFFER.finditer(text) if int(offer["number"]) == number)
    options = (offer for offer in _OPTION.finditer(text) if int(offer["number"]) == number)
    return {offer["label"]: offer["key"] for offer in options} | {
        VERB_LABELS[KEYS[offer["key"]]]: offer["key"] for offer in found
    }
