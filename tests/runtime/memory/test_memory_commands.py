"""Words about memory are read strictly: what asks Mallard something, or only sounds alike, is a request."""

import pytest

from runtime.commands import decides, read_command
from runtime.memory.commands import Forget, ForgetMe, MemoryCommand, Pin, Remember, ShowMemories, Why
from runtime.memory.records import MemoryId, MemoryScope
from runtime.records import RunId

TWELVE = MemoryId(12)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("remember that deploys are on Tuesday", Remember(text="deploys are on Tuesday")),
        ("Remember: I like short answers.", Remember(text="I like short answers.")),
        ("remember the milk", Remember(text="the milk")),
        ("remember over\ntwo lines", Remember(text="over\ntwo lines")),
        ("remember for me: tea", Remember(text="tea")),
        ("remember here: we say “heron”", Remember(text="we say “heron”", scope=MemoryScope.CONVERSATION)),
        ("remember for this channel: x", Remember(text="x", scope=MemoryScope.CONVERSATION)),
        ("remember for this workspace: x", Remember(text="x", scope=MemoryScope.WORKSPACE)),
        ("Remember for the  team: x", Remember(text="x", scope=MemoryScope.TEAM)),
        ("remember for everybody: x", Remember(text="x", scope=MemoryScope.TEAM)),
        ("remember port: 8080", Remember(text="port: 8080")),
        ("what do you remember?", ShowMemories()),
        ("memories", ShowMemories()),
        ("memories before 12", ShowMemories(before=TWELVE)),
        ("what do you remember about deploys?", ShowMemories(about="deploys")),
        ("What do you know about Ann’s team", ShowMemories(about="Ann’s team")),
        ("forget 12", Forget(TWELVE)),
        ("forget memory #12.", Forget(TWELVE)),
        ("pin 12", Pin(memory_id=TWELVE, pinned=True)),
        ("unpin memory 12", Pin(memory_id=TWELVE, pinned=False)),
        ("forget everything about me", ForgetMe()),
        ("Yes, forget everything about me!", ForgetMe(sure=True)),
        ("why", Why()),
        ("Why?", Why()),
        ("why 42", Why(RunId(42))),
        ("why run 42?", Why(RunId(42))),
    ],
)
def test_a_command_is_read(text: str, command: MemoryCommand) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "remember",
        "remember:",
        "remember the outage of May?",
        "do you remember the outage?",
        "I remember that deploys are on Tuesday",
        "forget",
        "forget it",
        "forget 12 of them",
        "forget ١٢",
        "forget everything",
        "forget everything about Bob",
        "please forget everything about me",
        "pin the message",
        "why did the deploy fail?",
        "why not",
        "why 42 ducks",
        "what do you remember of May?",
        "what do you think about deploys?",
    ],
)
def test_what_only_sounds_like_a_command_is_a_request(text: str) -> None:
    assert read_command(text) is None


@pytest.mark.parametrize("text", ["remember: tea", "forget 12", "pin 12", "yes, forget everything about me"])
def test_what_changes_memories_is_never_looked_up_as_a_page(text: str) -> None:
    command = read_command(text)
    assert command is not None
    assert decides(command)
