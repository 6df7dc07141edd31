"""What two texts have in common, as far as their words show it."""

import json
import random

import pytest

from runtime.memory.words import Telling, looked_for, say_the_same, tells

SAME = [
    ("Deploys are on Tuesday", "deploys are on Tuesday."),
    ("Deploys are on Tuesday", "The deploys are on Tuesdays!"),
    ("The wiki moved to Outline", "Our wiki moved to Outline"),
    ("Bob's team owns the mailer", "Bob’s team owns the mailer"),
]
SAME_IF_ALIKE = [
    ("Deploys are on Tuesday", "Deploys happen on Tuesdays."),
    ("The staging cluster is called heron", "Our staging cluster is named heron"),
    ("The wiki moved to Outline", "Our wiki has moved to Outline"),
]
# The cosines are those of all-MiniLM-L6-v2 (int8). Those of SAME_IF_ALIKE are between 0.92 and 0.95.
CONTRADICTING = [
    ("Deploys are on Tuesday", "Deploys are on Thursday"),  # 0.90
    ("Deploys are on Tuesday", "Deploys are not on Tuesday"),  # 0.95
    ("Deploys need two approvals", "Deploys need one approval"),  # 0.91
    ("Deploys are on Tuesday", "Deploys are on Tuesday at noon"),  # 0.88
    ("The service listens on port 8080", "The service listens on port 8081"),  # 0.88
    ("Alice reports to Bob", "Bob reports to Alice"),  # 0.99
    ("Use uv instead of pip", "Use pip instead of uv"),  # 0.99
    ("Always enable caching for the web tier", "Always disable caching for the web tier"),  # 0.97
    ("Run the migrations before restarting", "Run the migrations after restarting"),  # 0.99
    ("Bob is on call this week", "Bob is on call next week"),  # 0.99
    ("Bob is on call", "Bob was on call"),
    ("The export runs at 02:00 UTC", "The export runs at 03:00 UTC"),  # 1.00
    ("Copy the data from A to B", "Copy the data to A from B"),
    ("The tap can be closed", "The tap can't be closed"),
    ("The alarm is on", "The alarm is off"),
    ("🦆", "🦢"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_sentences_say_the_same_but_for_endings_and_words_that_say_nothing(one: str, other: str) -> None:
    assert say_the_same(one, other)
    assert say_the_same(other, one)


@pytest.mark.parametrize(("one", "other"), SAME_IF_ALIKE)
def test_words_that_say_little_may_differ_where_a_vector_finds_two_sentences_alike(one: str, other: str) -> None:
    assert say_the_same(one, other, alike=True)
    assert not say_the_same(one, other)


@pytest.mark.parametrize(("one", "other"), CONTRADICTING)
def test_sentences_that_contradict_each_other_never_say_the_same_however_near_their_vectors_are(
    one: str, other: str
) -> None:
    assert not say_the_same(one, other, alike=True)
    assert not say_the_same(other, one, alike=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What is the staging cluster called?", ("staging", "cluster", "called")),
        ("who are you", ("who", "are", "you")),
        ("Émile's émile ÉMILE", ("émile", "s")),
        ('" * ( ) : ^ _ 🦆', ()),
        ("", ()),
    ],
)
def test_a_search_looks_for_each_telling_word_once(text: str, words: tuple[str, ...]) -> None:
    assert looked_for(text) == words


def test_of_a_long_text_a_search_looks_for_the_first_words() -> None:
    assert len(looked_for(" ".join(f"w{number}" for number in range(1000)))) == 48


MEMORY = "The staging cluster is called heron"


@pytest.mark.parametrize(
    "text",
    [
        "remember: the staging cluster is called heron!",
        "By the way. Our staging cluster goes by heron.",
        "I found it in the wiki: for staging we have a cluster.\nIts name is heron, they say.",
    ],
)
def test_a_text_tells_a_memory_that_has_most_of_its_words_close_together(text: str) -> None:
    assert tells(text, MEMORY)


@pytest.mark.parametrize(
    "text",
    [
        "The production cluster is slow",
        "Staging is down.\nLunch is at noon.\nIt rains.\nA heron stands in the pond.\nNothing else.\nA cluster of stars.",
        "",
    ],
)
def test_a_text_with_some_of_the_words_here_and_there_tells_nothing(text: str) -> None:
    assert not tells(text, MEMORY)


def test_a_memory_without_words_is_told_only_word_for_word() -> None:
    assert tells("so 🦆 it is", "🦆")
    assert not tells("so it is", "🦆")


@pytest.mark.parametrize("memory", ["deploy", "e", "I am", "the deploys", "no"])
@pytest.mark.parametrize("text", ["I am here, and we deploy now. There is no run.", "deployment of everything"])
def test_a_memory_of_a_word_is_not_told_by_every_text_that_has_it(memory: str, text: str) -> None:
    assert not tells(text, memory)


@pytest.mark.parametrize(
    "text", ["12: deploy", "Deploy!", "remember: deploy", '{"summary": "deploy"}', "I will remember “deploy”."]
)
def test_a_memory_of_a_word_is_told_by_what_quotes_it(text: str) -> None:
    assert tells(text, "deploy")


def test_a_sentence_without_blanks_is_found_inside_of_another() -> None:
    assert tells("你说我的生日是五月五日对吗", "我的生日是五月五日")
    assert not tells("你说今天是五月五日对吗", "我的生日是五月五日")


def test_one_look_for_many_memories_finds_what_a_look_for_each_would() -> None:
    chance, words = (
        random.Random(5),
        [
            "the",
            "deploys",
            "deploy's",
            "of",
            "zanzibar",
            "on",
            "note",
            "s's",
            "users'",
            "quokka",
            "日本語",
            "x1",
            "a",
            "bus",
            "we're",
        ],
    )

    def said(most: int, ends: str = " ") -> str:
        return "".join(chance.choice(words) + chance.choice(ends) for _ in range(chance.randrange(1, most)))

    told = 0
    for _ in range(3_000):
        memories, text = [said(9)[chance.randrange(3) :].strip() or "bus" for _ in range(3)], said(14, " .,\n")
        text += chance.choice(["", f" x{memories[0]}y"])  # quoted from the middle of a word to that of another
        expected = any(tells(text, memory) for memory in memories)
        assert Telling(memories)(text) == expected, (memories, text)
        told += expected
    assert 500 < told < 2_500


@pytest.mark.parametrize("written", ["{text}", '{{"thought": {json}}}', "He said:\\n{json}"])
def test_a_text_tells_however_its_letters_are_escaped(written: str) -> None:
    memory = "Zoë füttert die Enten 🦆 täglich"
    assert Telling([memory])(written.format(text=memory, json=json.dumps(memory)))
    assert not Telling([memory])(written.format(text="Mittag", json=json.dumps("Zoë ißt täglich")))
