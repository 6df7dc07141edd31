"""Linking and confirming take exactly written words: what people say to each other, or ask for, does neither."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.commands import decides, read_command
from runtime.people_commands import Confirm, Link, Misspelt, PeopleCommand, Refuse, ShowPeople, Unlink, read_account
from runtime.records import UserRef

ANN = UserRef(platform="slack", space="T1", id="U2")
DISCORD = UserRef(platform="discord", id="42")
HERE = UserRef(platform="terminal", id="ann.b-c_d")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("link discord:42", Link(other=DISCORD)),
        ("  LINK   slack:T1/U2\n", Link(other=ANN)),
        ("link terminal:ann.b-c_d", Link(other=HERE)),
        ("link slack:T1/U2 discord:42", Link(one=ANN, other=DISCORD)),
        ("unlink discord:42", Unlink(DISCORD)),
        ("confirm 7", Confirm(7)),
        ("Confirm #7!", Confirm(7)),
        ("refuse 7.", Refuse(7)),
        ("people", ShowPeople()),
        ("link slack:U2", Misspelt("link slack:U2")),
        ("link discord:ann discord:42", Misspelt("link discord:ann discord:42")),
        ("link slack:T1/U2 dscord:42", Misspelt("link slack:T1/U2 dscord:42")),
        ("link discord:42, slack:T1/U2", Misspelt("link discord:42, slack:T1/U2")),
        ("unlink slack:", Misspelt("unlink slack:")),
    ],
)
def test_a_command_is_read(text: str, command: PeopleCommand) -> None:
    assert read_command(text) == command


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    "text",
    [
        "confirm",
        "confirm it",
        "confirm the order 7",
        "confirm 7 please",
        "confirm 7 and 8",
        "please confirm 7",
        "I confirm 7",
        "confirmed 7",
        "confirm7",
        "confirm -7",
        "confirm 7.5",
        "confirm ٧",
        "conﬁrm 7",
        "refuse",
        "refuse to do it",
        "refuse 7 offers",
        "yes",
        "link",
        "link me",
        "link https://example.org/a:b",
        "link mailto:ann@example.org",
        "link the file notes.txt to the page",
        "link discord:42 to my account",
        "please link discord:42",
        "link them: discord:42",
        "unlink",
        "unlink the file notes.txt",
        "unlink it from discord:42",
        "people of Rome",
        "which people are there",
    ],
)
def test_what_people_say_is_a_request_and_links_nobody(text: str) -> None:
    assert read_command(text) is None


PIECES = ["confirm", "Refuse", "link", "unlink", "people", "#7", "7", "٧", "discord:42", "slack:T1/U2", "slack:T1"]
PIECES += ["terminal:ann", "terminal:änn", "and", ",", ".", "!", "\u200b", "\u00a0", ":"]
said = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES), max_size=5).flatmap(
        lambda parts: st.sampled_from([" ", "", "\n", "\u00a0"]).map(lambda glue: glue.join(parts))
    ),
)


@given(text=said)
@example(text="link discord:٤٢")
@example(text="confirm\u00a07")
def test_only_the_exact_words_count(text: str) -> None:
    command = read_command(text)
    if isinstance(command, Confirm | Refuse):
        exact = re.fullmatch(r"(confirm|refuse)\s+#?([0-9]+)[.!]?", text.strip().lower())
        assert exact is not None, text
        assert (exact[1] == "confirm", int(exact[2])) == (isinstance(command, Confirm), command.number)
    if isinstance(command, Link | Unlink):
        words = text.split()
        accounts = [command.account] if isinstance(command, Unlink) else [*filter(None, [command.one]), command.other]
        assert words[1:] == [str(account) for account in accounts], text
        assert words[0].lower() == ("unlink" if isinstance(command, Unlink) else "link")


@pytest.mark.parametrize("text", ["link discord:42", "unlink discord:42", "confirm 7", "refuse 7"])
def test_no_page_that_is_looked_up_links_or_answers(text: str) -> None:
    command = read_command(text)
    assert command is not None
    assert decides(command)


@pytest.mark.parametrize("account", [ANN, DISCORD, HERE])
def test_an_account_is_read_as_it_is_written(account: UserRef) -> None:
    assert read_account(str(account)) == account


@pytest.mark.parametrize(
    "text", ["", "ann", "slack:U2", "slack:/U2", "discord:T1/42", "discord:ann", "terminal:", "x:1"]
)
def test_what_is_no_account_says_how_one_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="slack:TEAM/USER, discord:NUMBER or terminal:NAME"):
        read_account(text)
