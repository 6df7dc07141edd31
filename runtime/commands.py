"""The commands of the door: words that are never a request to the agent. Pure."""

import re
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from runtime.grant_terms import EXACTLY, Terms, read_terms
from runtime.memory.commands import HELP as MEMORY_HELP
from runtime.memory.commands import MemoryCommand, changes_memories, read_memory_command
from runtime.people_commands import Confirm, Link, PeopleCommand, Refuse, Unlink, read_people_command
from runtime.records import GrantKind, GrantScope, Verdict


class Decide(Struct, frozen=True, kw_only=True):
    """`number` is None where the person named none: then nothing is decided, and the list is shown."""

    verb: str
    number: int | None
    comment: str = ""
    scope: GrantScope | None = None
    terms: Terms = EXACTLY


class Stop(Struct, frozen=True):
    """Stop what runs here."""


class ShowHistory(Struct, frozen=True, kw_only=True):
    before: int | None = None
    after: int | None = None


class ShowRun(Struct, frozen=True, kw_only=True):
    number: int
    after: int = 0


class ShowPending(Struct, frozen=True):
    """The approvals that wait."""


class ShowOptions(Struct, frozen=True, kw_only=True):
    """`name` and `value` are "" where nothing is to be changed."""

    name: str = ""
    value: str = ""


class ShowHelp(Struct, frozen=True):
    """What can be said here."""


Command: TypeAlias = (
    Decide | Stop | ShowHistory | ShowRun | ShowPending | ShowOptions | ShowHelp | PeopleCommand | MemoryCommand
)

# What decides is written plainly, in letters and digits of ASCII: a verb and a number, and nothing more but what stands
# behind a colon and a space. "change 4 columns" and "change 4:3 to 16:9" are not decisions about approval 4.
_DECIDE = re.compile(
    r"(?ai:(approve|always|deny|change|answer|retry|again|mark[ _-]done|mark[ _-]failed))\s+#?([0-9]{1,18})"
    r"(?:\s+([A-Za-z0-9]+(?:\s+[A-Za-z0-9]+)*))?(?::\s+(.+))?",
    re.DOTALL,
)
# What leans towards a decision and is none: it must not start a run that looks like consent.
_LEAN = re.compile(
    r"(?ai:(approve|deny))(?:[\s:].*)?|(?ai:(always))(?:\s+#?[0-9].*)?"
    r"|(?ai:(change|answer|retry|again|mark[ _-]done|mark[ _-]failed))(?:\s+#?[0-9]+:?)?",
    re.DOTALL,
)
_HISTORY = re.compile(r"history(?:\s+(before|after)\s+(\d{1,18}))?", re.IGNORECASE)
_RUN = re.compile(r"run\s+#?(\d{1,18})(?:\s+after\s+(\d{1,9}))?", re.IGNORECASE)
_OPTIONS = re.compile(r"options?(?:\s+([a-z]+)[\s=]+(\S+))?", re.IGNORECASE)
_NEEDS_WORDS = (Verdict.CHANGE, Verdict.ANSWER)
_PLAIN: dict[str, Command] = {
    "stop": Stop(),
    "cancel": Stop(),
    "pending": ShowPending(),
    "approvals": ShowPending(),
    "help": ShowHelp(),
}


def read_command(text: str) -> Command | None:
    """The command that a message is, None where it is a request. A decision without a number is a command too."""
    words = text.strip()
    plain = _PLAIN.get(words.lower().rstrip("!."))
    if plain is not None:
        return plain
    if found := _HISTORY.fullmatch(words):
        edge, number = found.groups()
        return ShowHistory(**{edge.lower(): int(number)} if edge else {})
    if found := _RUN.fullmatch(words):
        return ShowRun(number=int(found[1]), after=int(found[2] or 0))
    if found := _OPTIONS.fullmatch(words):
        return ShowOptions(name=(found[1] or "").lower(), value=(found[2] or "").lower())
    if command := read_people_command(words) or read_memory_command(words):
        return command
    bare = words.rstrip("!.")
    if (found := _DECIDE.fullmatch(words) or _DECIDE.fullmatch(bare)) and (decision := _decision(*found.groups())):
        return decision
    if found := _LEAN.fullmatch(bare):
        return Decide(verb=_verb(next(filter(None, found.groups()))), number=None)
    return None


def decides(command: Command) -> bool:
    """Whether obeying it settles or stops something, so that it is said in a message and never looked up as a page."""
    if isinstance(command, MemoryCommand):
        return changes_memories(command)
    return isinstance(command, Decide | Stop | Link | Unlink | Confirm | Refuse)


def _decision(word: str, number: str, said: str | None, comment: str | None) -> Decide | None:
    verb = _verb(word)
    if verb == "always":
        return _always(int(number), said or "", comment or "")
    if said or (verb in _NEEDS_WORDS and not comment):
        return None
    return Decide(verb=verb, number=int(number), comment=comment or "")


def _always(number: int, said: str, comment: str) -> Decide | None:
    """What stands behind the colon are the words of a prefix, where one is allowed, and a comment otherwise."""
    found = read_terms(said)
    if found is None:
        return None
    terms, scope = found
    if terms.kind is GrantKind.PREFIX:
        terms, comment = replace(terms, prefix=comment.strip()), ""
    if scope is None and terms.kind is not GrantKind.TOOL:
        scope = GrantScope.PERSON
    return Decide(verb="always", number=number, comment=comment, scope=scope, terms=terms)


def _verb(word: str) -> str:
    return re.sub(r"[ -]", "_", word.lower())


HELP: tuple[tuple[str, str], ...] = (
    ("help", "this list"),
    ("stop", "stop what runs or waits in this conversation; its cards go too"),
    ("pending", "approvals that wait for a decision"),
    ("approve 4 · always 4 · deny 4: why · change 4: what", "decide approval 4; `always 4 here` for everybody here"),
    (
        "always 4 prefix · always 4 prefix: git log · always 4 tool · always 4 for 8h · always 4 5 times",
        "allow more than this very call, or not for ever; what it covers is shown before it counts",
    ),
    ("answer 4: your words", "answer question 4, which the agent asked"),
    ("mark done 4 · mark failed 4 · retry 4", "say what became of a call whose outcome is unknown"),
    ("again 4", "ask again for an approval that expired"),
    ("history", "your runs, newest first"),
    ("run 12", "what happened in run 12"),
    ("options · options debug on", "show or change the options of this conversation"),
    *MEMORY_HELP,
    ("people", "which accounts are yours, and what is asked about them"),
    ("link discord:42 · confirm 7 · refuse 7", "say that another account is yours too, which has to confirm it"),
    ("link slack:T1/U2 discord:42 · unlink discord:42", "for administrators: which accounts are one person's"),
)
