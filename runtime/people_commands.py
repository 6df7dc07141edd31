"""The words that say which accounts are one person's. Strict: a sentence that only sounds like one is none. Pure."""

import re
from typing import TypeAlias

from msgspec import Struct

from runtime.records import UserRef


class Link(Struct, frozen=True, kw_only=True):
    """`one` is None where the person speaks of the account that they write from."""

    one: UserRef | None = None
    other: UserRef


class Unlink(Struct, frozen=True):
    account: UserRef


class Confirm(Struct, frozen=True):
    number: int


class Refuse(Struct, frozen=True):
    number: int


class ShowPeople(Struct, frozen=True):
    """Which accounts are whose, and what is asked about them."""


class Misspelt(Struct, frozen=True):
    """Meant as one of these, with an account that is not written as accounts are."""

    word: str


PeopleCommand: TypeAlias = Link | Unlink | Confirm | Refuse | ShowPeople | Misspelt

# Accounts as Mallard writes them when it tells people theirs. Letters and digits of ASCII alone: what links is written
# plainly, and no two accounts look alike.
_ACCOUNT = r"slack:[A-Za-z0-9]+/[A-Za-z0-9]+|discord:[0-9]{1,20}|terminal:[A-Za-z0-9_.-]+"
_LINK = re.compile(rf"(?i:link)\s+({_ACCOUNT})(?:\s+({_ACCOUNT}))?", re.ASCII)
_UNLINK = re.compile(rf"(?i:unlink)\s+({_ACCOUNT})", re.ASCII)
_ANSWER = re.compile(r"(?ai:(confirm|refuse))\s+#?([0-9]{1,18})[.!]?", re.ASCII)
_NEARLY = re.compile(r"(?i:(?:un)?link)\s+((?:slack|discord|terminal):\S*)(?:\s+\S+:\S*)?", re.ASCII)


def read_people_command(words: str) -> PeopleCommand | None:
    """The command that a message is, without blanks around it; None where it is something else."""
    if found := _LINK.fullmatch(words):
        first, second = UserRef.parse(found[1]), found[2]
        return Link(one=first, other=UserRef.parse(second)) if second else Link(other=first)
    if found := _UNLINK.fullmatch(words):
        return Unlink(UserRef.parse(found[1]))
    if found := _ANSWER.fullmatch(words):
        return (Confirm if found[1].lower() == "confirm" else Refuse)(int(found[2]))
    if words.lower() == "people":
        return ShowPeople()
    return Misspelt(words) if _NEARLY.fullmatch(words) else None


def read_account(text: str) -> UserRef:
    """An account as it is written. Raises ValueError that names the forms wanted."""
    if not re.fullmatch(_ACCOUNT, text.strip()):
        raise ValueError(f"{text!r} is not an account: {FORMS}")
    return UserRef.parse(text)


FORMS = "write slack:TEAM/USER, discord:NUMBER or terminal:NAME, as `people` shows you yours."
