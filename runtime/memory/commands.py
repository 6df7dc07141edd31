"""The words about what is remembered. Strict, like all commands: what only sounds like one is a request. Pure."""

import re
from typing import TypeAlias

from msgspec import Struct

from runtime.memory.records import MemoryId, MemoryScope
from runtime.records import RunId


class Remember(Struct, frozen=True, kw_only=True):
    text: str
    scope: MemoryScope = MemoryScope.PERSON


class ShowMemories(Struct, frozen=True, kw_only=True):
    """`about` is "" for all of them, newest first, from `before` on."""

    about: str = ""
    before: MemoryId | None = None


class Forget(Struct, frozen=True):
    memory_id: MemoryId


class ForgetMe(Struct, frozen=True, kw_only=True):
    """Everything about whoever says so. `sure`: they were told what it means, and said it again."""

    sure: bool = False


class Pin(Struct, frozen=True, kw_only=True):
    memory_id: MemoryId
    pinned: bool


class Why(Struct, frozen=True):
    """What an answer relied on: that of a run, or the last one of the conversation."""

    run_id: RunId | None = None


MemoryCommand: TypeAlias = Remember | ShowMemories | Forget | ForgetMe | Pin | Why

_REMEMBER = re.compile(r"(?i:remember)(?::\s*|\s+(?i:that)\s+|\s+)(?P<text>\S.*)", re.DOTALL)
_REMEMBER_FOR = re.compile(r"(?i:remember\s+(?P<whom>[a-z ]{2,24})):\s*(?P<text>\S.*)", re.DOTALL)
_WHOM = {
    "for me": MemoryScope.PERSON,
    "here": MemoryScope.CONVERSATION,
    "for this channel": MemoryScope.CONVERSATION,
    "for this workspace": MemoryScope.WORKSPACE,
    "for the workspace": MemoryScope.WORKSPACE,
    "for the team": MemoryScope.TEAM,
    "for everybody": MemoryScope.TEAM,
}
_ABOUT = re.compile(r"(?i:what\s+do\s+you\s+(?:remember|know)\s+about)\s+(\S[^\n]*)")
_ALL = re.compile(r"(?i:what\s+do\s+you\s+remember|memories)(?:\s+(?i:before)\s+(\d{1,18}))?")
_FORGET = re.compile(r"(?ai:forget)(?:\s+(?ai:memory))?\s+#?([0-9]{1,18})")
_FORGET_ME = re.compile(r"(?ai:(yes,?\s+)?forget\s+everything\s+about\s+me)")
_PIN = re.compile(r"(?ai:(pin|unpin))(?:\s+(?ai:memory))?\s+#?([0-9]{1,18})")
_WHY = re.compile(r"(?ai:why)(?:\s+(?:(?ai:run)\s+)?#?([0-9]{1,18}))?")


def read_memory_command(words: str) -> MemoryCommand | None:
    """The command that a message is, without blanks around it; None where it is something else."""
    bare = words.rstrip("?!.")
    if found := _FORGET_ME.fullmatch(bare):
        return ForgetMe(sure=bool(found[1]))
    if found := _FORGET.fullmatch(bare):
        return Forget(MemoryId(int(found[1])))
    if found := _PIN.fullmatch(bare):
        return Pin(memory_id=MemoryId(int(found[2])), pinned=found[1].lower() == "pin")
    if found := _WHY.fullmatch(bare):
        return Why(RunId(int(found[1])) if found[1] else None)
    if found := _ALL.fullmatch(bare):
        return ShowMemories(before=MemoryId(int(found[1])) if found[1] else None)
    if found := _ABOUT.fullmatch(bare):
        return ShowMemories(about=found[1].strip())
    return _remember(words)


def _remember(words: str) -> Remember | None:
    """A question is none: whoever asks "remember the outage?" wants an answer."""
    if words.endswith("?"):
        return None
    if (found := _REMEMBER_FOR.fullmatch(words)) and (scope := _WHOM.get(" ".join(found["whom"].lower().split()))):
        return Remember(text=found["text"], scope=scope)
    found = _REMEMBER.fullmatch(words)
    return Remember(text=found["text"]) if found else None


def changes_memories(command: MemoryCommand) -> bool:
    """Whether obeying it changes what is remembered, so that it is said in a message and never looked up as a page."""
    return not isinstance(command, ShowMemories | Why)


HELP: tuple[tuple[str, str], ...] = (
    (
        "remember: …",
        "keep something for you alone; `remember here: …` for this channel, `remember for the team: …` for all",
    ),
    ("what do you remember · what do you remember about …", "what is kept for you, and for this channel"),
    ("forget 12 · pin 12", "forget memory 12 for good, or keep it from fading"),
    ("forget everything about me", "your memories and your runs, for good, after asking once more"),
    ("why · why 42", "what the last answer, or that of run 42, relied on"),
)
