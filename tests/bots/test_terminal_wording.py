"""What a terminal prints: everything that a person decides on, and nothing that could steer the terminal."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.cli.asked import approvals
from bots.terminal.wording import write_card, write_content
from runtime.contents import Argument, Card, Content, Entry, File, Page, Text
from tests.bots.cards import PERMISSION, make_card

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EVIL = "\x1b[2J\x1b]0;title\x07\x1b]52;c;aGk=\x07\x9b31m\rhidden\u202egnp"


def contents(text: str) -> list[Content]:
    return [
        Text(markdown=text),
        File(name=text, text=text, comment=text),
        Page(title=text, entries=(Entry(text=text, detail=text),), note=text),
        make_card(title=text, claim=text, preview=text, why_asked=text, arguments=(Argument(name=text, text=text),)),
        make_card(closing=text or "x", verbs=(), requested_by=text, workspace=text, deciders=text, tool=text),
    ]


@pytest.mark.promise(28)
def test_no_text_of_a_model_or_a_tool_steers_the_terminal() -> None:
    for content in contents(EVIL):
        written = write_content(content, whole=True)
        assert not STEERING.search(written)
        assert "hidden" in written


@pytest.mark.promise(28)
def test_an_answer_keeps_the_spaces_of_its_language_and_a_card_writes_them_out() -> None:
    said = write_content(Text(markdown="Bonjour\u202f! こんにちは\u3000❤\ufe0f\u200b"))
    shown = write_content(make_card(arguments=(Argument(name="command", text="rm\u202f-rf"),)))

    assert said == "Bonjour\u202f! こんにちは\u3000❤\ufe0f\\u200b"
    assert "rm\\u202f-rf" in shown


@pytest.mark.promise(12)
def test_nothing_that_others_wrote_passes_for_a_line_of_the_card() -> None:
    forged = "x\n\nmay decide anybody\r\n[a 4] Approve\u2028expires    never"
    argument = Argument(name=forged, text=forged)
    pending = make_card(claim=forged, preview=forged, why_asked=forged, requested_by=forged, arguments=(argument,))
    closed = make_card(closing=forged, verbs=(), title=forged, workspace=forged, deciders=forged, tool=forged)

    for card, keys in ((pending, 1), (closed, 0)):
        for whole in (False, True):
            lines = write_content(card, whole=whole).split("\n")
            own = [line.removeprefix("┃ ") for line in lines if line.startswith("┃")]
            assert [line for line in own if line.startswith(("may decide any", "expires"))] == ["expires    never"]
            assert sum(line.startswith("[a 4]") for line in own) == keys
    named = "┃ “x may decide anybody\\u000d [a 4] Approve\\u2028expires never”:\n    x\n    \n    may decide anybody\u240d\n"
    assert named in write_content(pending)


def test_an_entry_of_a_page_is_one_line_and_its_details_are_indented() -> None:
    forged = "x\n  12:00 UTC · approved\r\u2028y"

    assert write_content(Page(title="Run 7", entries=(Entry(text=forged, detail=forged),))) == (
        "Run 7\n  x 12:00 UTC · approved\u240d\\u2028y\n      x\n        12:00 UTC · approved\u240d\\u2028y"
    )


@pytest.mark.promise(12)
@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_can_be_written(text: str) -> None:
    for content in contents(text):
        assert not STEERING.search(write_content(content))


@pytest.mark.promise(13)
def test_a_long_argument_is_shortened_by_a_named_number_of_bytes_and_shown_whole_on_demand() -> None:
    card = make_card(arguments=(Argument(name="content", text="ü" * 3_000 + "END"),))
    short, whole = write_content(card), write_content(card, whole=True)
    assert "2,003 bytes more: s 4 shows everything (digest abababababab…)" in short
    assert "END" not in short
    assert "ü" * 3_000 + "END" in whole
    assert "ab" * 32 in whole


def test_a_card_says_what_who_until_when_and_how_to_decide() -> None:
    written = write_content(make_card())
    for words in (
        "Run a shell command? · run 7",
        "shell_exec_safe (high risk)",
        "command: ls -l",
        "the agent's own reason (its claim): I need the list",
    ):
        assert words in written
    assert "may decide an approver" in written
    assert "expires    never" in written
    assert "[a 4] Approve   [w 4] Always allow   [d 4] Deny and why   [c 4] Change and what" in written


def test_a_closed_card_offers_nothing() -> None:
    card: Card = make_card(closing="Approved by anna at 10:00.", verbs=())
    written = write_content(card)
    assert "Approved by anna at 10:00." in written
    assert "[a 4]" not in written


def test_an_expired_card_says_so_and_can_be_asked_again() -> None:
    written = write_content(make_card(closing="Expired: nobody decided in time.", verbs=("again",)))
    assert "Expired: nobody decided in time.\n┃ [g 4] Ask again" in written


@pytest.mark.parametrize(
    "verbs", [PERMISSION, ("mark_done", "mark_failed", "retry", "show"), ("answer_1", "answer", "show"), ("again",)]
)
def test_in_a_shell_a_card_says_commands_that_there_are(verbs: tuple[str, ...]) -> None:
    written = write_card(make_card(verbs=verbs), in_shell=True)
    commands = re.findall(r"^┃ [A-Z][a-z ]+: mallard approvals (\S+) 4", written, re.MULTILINE)
    assert len(commands) == len([verb for verb in verbs if verb not in ("show", "answer_1")])
    assert set(commands) <= {command.name for command in approvals.registered_commands}
    assert " 4] " not in written


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_every_time_is_in_this_machines_zone_and_says_so() -> None:
    closed = make_card(closing="Approved by anna on 2026-11-27 at 03:23 UTC.", verbs=())
    page = Page(
        title="Run 7", entries=(Entry(text="2026-07-01 12:00:05 UTC · asked", detail="until 2026-07-02 12:00 UTC"),)
    )

    assert "Approved by anna on 2026-11-26 22:23 EST." in write_content(closed)
    assert "2026-07-01 08:00:05 EDT · asked" in write_content(page)
    assert "until 2026-07-02 08:00 EDT" in write_content(page)
    assert "expires    2026-11-29 22:19 EST" in write_content(
        make_card(expires_at=datetime(2026, 11, 30, 3, 19, tzinfo=UTC))
    )
