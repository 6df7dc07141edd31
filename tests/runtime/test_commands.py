"""Commands: what decides names a number, and everything else that people write is a request."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.commands import (
    HELP,
    Command,
    Decide,
    ShowHelp,
    ShowHistory,
    ShowOptions,
    ShowPending,
    ShowRun,
    Stop,
    read_command,
)
from runtime.records import GrantScope


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("stop", Stop()),
        ("Stop!", Stop()),
        ("cancel", Stop()),
        (" help. ", ShowHelp()),
        ("pending", ShowPending()),
        ("approvals", ShowPending()),
        ("history", ShowHistory()),
        ("history before 12", ShowHistory(before=12)),
        ("History AFTER 3", ShowHistory(after=3)),
        ("run 12", ShowRun(number=12)),
        ("run #12 after 40", ShowRun(number=12, after=40)),
        ("options", ShowOptions()),
        ("options debug on", ShowOptions(name="debug", value="on")),
        ("option reasoning=off", ShowOptions(name="reasoning", value="off")),
        ("approve 4", Decide(verb="approve", number=4)),
        ("APPROVE #4", Decide(verb="approve", number=4)),
        ("approve 4 looks fine", Decide(verb="approve", number=4, comment="looks fine")),
        ("deny 4 not on\na Friday", Decide(verb="deny", number=4, comment="not on\na Friday")),
        ("always 4", Decide(verb="always", number=4, scope=GrantScope.PERSON)),
        ("always 4 me", Decide(verb="always", number=4, scope=GrantScope.PERSON)),
        ("always 4 here", Decide(verb="always", number=4, scope=GrantScope.CONVERSATION)),
        ("always 4 Workspace", Decide(verb="always", number=4, scope=GrantScope.WORKSPACE)),
        ("always 4 it is safe", Decide(verb="always", number=4, scope=GrantScope.PERSON, comment="it is safe")),
        ("change 4 use staging", Decide(verb="change", number=4, comment="use staging")),
        ("mark done 4", Decide(verb="mark_done", number=4)),
        ("mark-failed 4", Decide(verb="mark_failed", number=4)),
        ("mark_done 4", Decide(verb="mark_done", number=4)),
        ("retry 4", Decide(verb="retry", number=4)),
        ("again 4", Decide(verb="again", number=4)),
    ],
)
def test_a_command_is_read(text: str, command: Command) -> None:
    assert read_command(text) == command


@pytest.mark.promise(3)
@pytest.mark.parametrize(
    "text", ["approve", "Approve!", "deny", "always", "approve it please", "deny that one", "approve the last one"]
)
def test_a_decision_without_a_number_decides_nothing_and_is_no_request_either(text: str) -> None:
    command = read_command(text)
    assert isinstance(command, Decide)
    assert command.number is None


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "ok",
        "go ahead",
        "sure, approve it",
        "I approve 4",
        "please approve 4",
        "4",
        "change the colour",
        "retry the build",
        "retry 3 times",
        "again 2 minutes later",
        "run the tests",
        "stop the server",
        "help me with this",
        "history of Rome",
        "options for lunch are what",
        "approved 4",
        "approve4",
        "",
    ],
)
def test_what_people_say_to_each_other_is_a_request_and_never_consent(text: str) -> None:
    assert read_command(text) is None


VERBS = {"approve", "always", "deny", "change", "retry", "again", "mark done", "mark-done", "mark_done"}
VERBS |= {"mark failed", "mark-failed", "mark_failed"}
words = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [*sorted(VERBS), "yes", "#", "4", "#12", "٤", "４", "-1", "1.5", "a4", " ", "\n", "\u00a0", "!"]
        ),
        max_size=5,
    ).flatmap(lambda parts: st.sampled_from([" ", "", "\n", "\u00a0"]).map(lambda glue: glue.join(parts))),
)


@pytest.mark.promise(3)
@given(text=words)
@example(text="approve 4")
@example(text="alwayſ 4")
@example(text="approve ٤")
def test_only_a_verb_with_a_plain_number_right_behind_it_decides(text: str) -> None:
    command = read_command(text)
    if isinstance(command, Decide) and command.number is not None:
        exact = re.match(r"(?P<verb>\S+|[Mm]\S+ \S+)\s+#?(?P<number>[0-9]+)(\s|\Z)", text.strip())
        assert exact is not None, text
        assert exact["verb"].lower() in VERBS, text
        assert int(exact["number"]) == command.number


EXPLAINED = {"approve", "always", "deny", "change"}  # words behind their number are the reason


@given(verb=st.sampled_from(sorted(VERBS)), number=st.integers(0, 10**18 - 1), comment=st.text())
def test_every_verb_with_a_number_is_a_decision_of_that_number(verb: str, number: int, comment: str) -> None:
    command = read_command(f"{verb} {number} {comment if verb in EXPLAINED else ''}")
    assert isinstance(command, Decide)
    assert (command.verb, command.number) == (re.sub("[ -]", "_", verb), number)


def test_what_help_says_can_be_said() -> None:
    for line, _ in HELP:
        for words_ in re.split(r" · ", line):
            assert read_command(re.sub(r" (why|what)$", "", words_)) is not None, words_
