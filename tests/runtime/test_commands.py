"""Commands: what decides names a number, and everything else that people write is a request."""

import re

import pytest
from hypothesis import assume, example, given
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
        (" approve 4. ", Decide(verb="approve", number=4)),
        ("approve 4: looks fine.", Decide(verb="approve", number=4, comment="looks fine.")),
        ("deny #4:\nnot on\na Friday", Decide(verb="deny", number=4, comment="not on\na Friday")),
        ("always 4", Decide(verb="always", number=4, scope=GrantScope.PERSON)),
        ("always 4 me", Decide(verb="always", number=4, scope=GrantScope.PERSON)),
        ("always 4 here", Decide(verb="always", number=4, scope=GrantScope.CONVERSATION)),
        ("always 4 Workspace", Decide(verb="always", number=4, scope=GrantScope.WORKSPACE)),
        ("always 4: it is safe", Decide(verb="always", number=4, scope=GrantScope.PERSON, comment="it is safe")),
        ("always 4 here: safe", Decide(verb="always", number=4, scope=GrantScope.CONVERSATION, comment="safe")),
        ("change 4: use staging", Decide(verb="change", number=4, comment="use staging")),
        ("mark done 4", Decide(verb="mark_done", number=4)),
        ("mark done 4: I looked", Decide(verb="mark_done", number=4, comment="I looked")),
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
    "text",
    [
        "approve",
        "Approve!",
        "deny",
        "deny: no",
        "always",
        "approve it please",
        "deny that one",
        "approve the last one",
        "approve 4 of the invoices",
        "Approve 4 looks fine",
        "approve 4 here",
        "approve 4:30 as the new time",
        "approve 4 : 1 as the ratio",
        "approve 4:",
        "deny 3 people access",
        "deny 4 not on a Friday",
        "always 4 it is safe",
        "change",
        "change 4",
        "retry 4:",
        "mark done",
    ],
)
def test_words_that_lean_towards_a_decision_decide_nothing_and_are_no_request_either(text: str) -> None:
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
        "change 4 columns of the table to text",
        "change 4:3 to 16:9 in the video",
        "change 4 use staging",
        "always answer in German",
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
            [
                *sorted(VERBS),
                "yes",
                "#",
                "4",
                "#12",
                ":",
                "here",
                "٤",
                "４",
                "-1",
                "1.5",
                "a4",
                " ",
                "\n",
                "\u00a0",
                "!",
            ]
        ),
        max_size=5,
    ).flatmap(lambda parts: st.sampled_from([" ", "", "\n", "\u00a0"]).map(lambda glue: glue.join(parts))),
)


@pytest.mark.promise(3)
@given(text=words)
@example(text="approve 4")
@example(text="alwayſ 4")
@example(text="approve ٤")
@example(text="approve 4 columns")
@example(text="always 4 here")
def test_only_a_verb_with_a_plain_number_and_nothing_but_a_colon_behind_it_decides(text: str) -> None:
    command = read_command(text)
    if isinstance(command, Decide) and command.number is not None:
        exact = re.match(r"(?P<verb>\S+|[Mm]\S+ \S+)\s+#?(?P<number>[0-9]+)(\s+here)?(:\s|[.!]*\Z)", text.strip())
        assert exact is not None, text
        assert exact["verb"].lower() in VERBS, text
        assert int(exact["number"]) == command.number


@given(verb=st.sampled_from(sorted(VERBS)), number=st.integers(0, 10**18 - 1), said=st.text(min_size=1))
def test_every_verb_with_a_number_and_a_reason_behind_a_colon_is_a_decision_of_that_number(
    verb: str, number: int, said: str
) -> None:
    assume(said.strip())
    command = read_command(f"{verb} {number}: {said}")
    assert isinstance(command, Decide)
    assert (command.verb, command.number, command.comment) == (re.sub("[ -]", "_", verb), number, said.strip())


def test_what_help_says_can_be_said() -> None:
    for line, _ in HELP:
        for words_ in re.split(r" · ", line):
            command = read_command(words_)
            assert command is not None, words_
            assert not isinstance(command, Decide) or command.number == 4
