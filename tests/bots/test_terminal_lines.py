"""What a typed line means, above all: when it decides something and when it does not."""

import pytest

from bots.terminal.lines import Hint, Late, Meaning, Nothing, Press, Quit, Say, Turn, read_line
from tests.bots.cards import make_card

FOUR, FIVE = make_card(4), make_card(5)
ONE, TWO = {4: FOUR}, {4: FOUR, 5: FIVE}


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("a 4", Press(FOUR, "approve")),
        ("A #4 ", Press(FOUR, "approve")),
        ("w 5", Press(FIVE, "always")),
        ("d 4", Press(FOUR, "deny")),
        ("d 4 Not on Friday", Press(FOUR, "deny", "Not on Friday")),
        ("c 5 use /tmp\ninstead", Press(FIVE, "change", "use /tmp\ninstead")),
        ("s 4", Press(FOUR, "show")),
        ("/quit", Quit()),
        ("older", Turn("older")),
        ("   ", Nothing()),
        ("hello", Say("hello")),
        ("  approve 4 ", Say("approve 4")),
    ],
)
def test_a_line_means_one_thing(line: str, meaning: Meaning) -> None:
    assert read_line(line, cards=TWO, bare_keys=True) == meaning


@pytest.mark.promise(3)
@pytest.mark.parametrize("key", "awdcs")
def test_a_key_without_a_number_decides_nothing_when_several_cards_are_open(key: str) -> None:
    assert isinstance(read_line(key, cards=TWO, bare_keys=True), Hint)


def test_a_key_without_a_number_names_each_card_that_it_could_mean() -> None:
    three = TWO | {12: make_card(12)}
    assert read_line("a", cards=TWO, bare_keys=True) == Hint("Which card? Say its number: a 4 or a 5.")
    assert read_line("a", cards=three, bare_keys=True) == Hint("Which card? Say its number: a 4, a 5 or a 12.")


@pytest.mark.parametrize("key", "awdcs")
def test_a_key_alone_is_enough_for_a_card_alone(key: str) -> None:
    meaning = read_line(key, cards=ONE, bare_keys=True)
    assert isinstance(meaning, Press)
    assert meaning.card is FOUR


def test_a_key_alone_decides_nothing_where_no_person_sees_the_card() -> None:
    assert read_line("a", cards=ONE, bare_keys=False) == Hint("Which card? Say its number: a 4.")


def test_a_pipe_is_told_that_keys_need_a_number_there() -> None:
    assert read_line("a", cards=ONE, bare_keys=False, piped=True) == Hint("From a pipe, keys need a number: a 4.")


@pytest.mark.promise(18)
@pytest.mark.parametrize(
    "line", ["yes", "ok", "go ahead", "approved", "a 4 page summary", "w 4 x", "and 4", "y", "always", "do it: a 4"]
)
def test_a_sentence_is_never_consent(line: str) -> None:
    assert read_line(line, cards=ONE, bare_keys=True) == Say(line)


@pytest.mark.parametrize("line", ["a 9", "d 9 not on Friday"])
def test_a_key_for_a_card_that_is_not_there_decides_nothing(line: str) -> None:
    assert isinstance(read_line(line, cards=ONE, bare_keys=True), Late)


def test_a_key_that_a_card_does_not_offer_says_what_it_offers() -> None:
    unknown_outcome = make_card(6, verbs=("mark_done", "mark_failed", "retry"))
    meaning = read_line("a 6", cards={6: unknown_outcome}, bare_keys=True)
    assert meaning == Hint("Card 6 does not offer that; it offers: Mark done, Mark failed, Retry.")
    assert read_line("r 6", cards={6: unknown_outcome}, bare_keys=True) == Press(unknown_outcome, "retry")


QUESTION = make_card(7, verbs=("answer_1", "answer_2", "answer", "show"))


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("2 7", Press(QUESTION, "answer_2")),
        ("2 #7", Press(QUESTION, "answer_2")),
        ("n 7 the frozen one", Press(QUESTION, "answer", "the frozen one")),
        ("3 7", Say("3 7")),
        ("2 8", Say("2 8")),
        ("2", Say("2")),
        ("2 7 ponds", Say("2 7 ponds")),
    ],
)
def test_an_option_is_chosen_by_its_number_and_the_cards(line: str, meaning: object) -> None:
    assert read_line(line, cards={7: QUESTION}, bare_keys=True) == meaning
