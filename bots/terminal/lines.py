"""What a typed line means: a key for a card, a word for the terminal, or a message for Mallard."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from bots.terminal.wording import KEYS
from runtime.contents import Card
from runtime.questions import option_verb

_NUMBERED = re.compile(r"(?P<key>[a-z])\s+#?(?P<number>\d+)(?:\s*$|\s+(?P<words>.+)$)", re.DOTALL)
_OPTION = re.compile(r"(?P<option>[1-9])\s+#?(?P<number>[0-9]+)")
_WORDED = frozenset({"deny", "change", "answer"})


class Say(Struct, frozen=True):
    """For Mallard, as it is: a request, or a command of the door."""

    text: str


class Press(Struct, frozen=True):
    """A key of a card that stands on this screen. `words` is None where none were given."""

    card: Card
    verb: str
    words: str | None = None


class Late(Struct, frozen=True):
    """A numbered key for a card that is not open on this screen: it was decided meanwhile, or it stands elsewhere."""

    number: int
    verb: str


class Hint(Struct, frozen=True):
    """Nothing happens; the person is told why."""

    text: str


class Turn(Struct, frozen=True):
    """To a neighbouring page: `older` or `newer`."""

    way: str


class Quit(Struct, frozen=True):
    pass


class Nothing(Struct, frozen=True):
    pass


Meaning: TypeAlias = Say | Press | Late | Hint | Turn | Quit | Nothing


def read_line(line: str, *, cards: Mapping[int, Card], bare_keys: bool, piped: bool = False) -> Meaning:
    """Read one line. `cards` are the pending ones on the screen, by number.

    A key without a number counts only where `bare_keys` is True and exactly one card is pending. `piped`: it never does here.
    """
    text = line.strip()
    match text.lower():
        case "":
            return Nothing()
        case "/quit" | "/exit":
            return Quit()
        case "older" | "newer" as way:
            return Turn(way)
        case key if key in KEYS:
            return _read_bare_key(key, cards, bare_keys=bare_keys, piped=piped)
    if (found := _OPTION.fullmatch(text)) and (pressed := _read_option(found, cards)):
        return pressed
    if (found := _NUMBERED.match(text.lower())) and found["key"] in KEYS:
        return _read_numbered_key(text, found, cards)
    return Say(text)


def _read_bare_key(key: str, cards: Mapping[int, Card], *, bare_keys: bool, piped: bool) -> Meaning:
    if len(cards) == 1 and bare_keys:
        return _press(next(iter(cards.values())), KEYS[key], None)
    if not cards:
        return Hint("No card is open here. Type pending to see what waits for a decision.")
    *others, last = (f"{key} {number}" for number in cards)
    numbers = f"{', '.join(others)} or {last}" if others else last
    return Hint(f"{'From a pipe, keys need a number' if piped else 'Which card? Say its number'}: {numbers}.")


def _read_numbered_key(text: str, found: re.Match[str], cards: Mapping[int, Card]) -> Meaning:
    verb, number = KEYS[found["key"]], int(found["number"])
    words = text[found.start("words") :] if found["words"] else None
    if words and verb not in _WORDED:
        return Say(text)  # "a 4 page summary" is a sentence, and a sentence never decides
    if number not in cards:
        return Late(number, verb)
    return _press(cards[number], verb, words)


def _read_option(found: re.Match[str], cards: Mapping[int, Card]) -> Press | None:
    """The option of a question that stands here; anything else made of two numbers is a message."""
    card, verb = cards.get(int(found["number"])), option_verb(int(found["option"]))
    offered = card is not None and any(button.verb == verb for button in card.buttons)
    return Press(card, verb) if card is not None and offered else None


def _press(card: Card, verb: str, words: str | None) -> Meaning:
    if verb != "show" and verb not in {button.verb for button in card.buttons}:
        offered = ", ".join(button.label for button in card.buttons)
        return Hint(f"Card {card.approval_id} does not offer that; it offers: {offered}.")
    return Press(card, verb, words)
