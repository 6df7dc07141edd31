"""Texts on their way to Discord and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.discord.settings import Identity
from bots.discord.wording import escaped, fenced, plain, spoken, thread_name

ME = Identity(app=1, user=99)
MARKUP = st.text(alphabet=st.sampled_from("`*_~|<>[]()@#-+:\\/ \n19ax."), max_size=80)


@given(text=MARKUP)
def test_nothing_in_escaped_text_is_markup_and_its_words_are_the_same(text: str) -> None:
    made = escaped(text)

    assert unescaped(made) == text
    live = re.sub(r"\\[^0-9A-Za-z\s]", "x", made)
    assert not re.search(r"[`*_~|<>\[\]@]", live)
    assert not re.search(r"^\s*(?:#{1,3} |-#|[-+] |\d+[.)] )", live, re.MULTILINE)
    assert "://" not in live


def unescaped(made: str) -> str:
    """What Discord shows of it."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", made)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Approved by bob on 2026-03-01 at 09:31 UTC", "Approved by bob <t:1772357460:f>"),
        ("2026-03-01 09:31:05 UTC · done", "<t:1772357465:d> <t:1772357465:T> · done"),
        ("asked by discord:123456789012345678", "asked by <@123456789012345678>"),
        ("asked by slack:T1/U2", "asked by slack\\:T1/U2"),
        ("add `discord:123456789012345678` to it", "add `discord:123456789012345678` to it"),
        ("write `deny <id> <reason>`", "write `deny <id> <reason>`"),
        ("```\nA=*b*\n``` then *c*", "```\nA=*b*\n``` then \\*c\\*"),
        ("an odd ` backtick and **bold**", "an odd \\` backtick and \\*\\*bold\\*\\*"),
        ("2026-99-99 at 09:31 UTC", "2026-99-99 at 09\\:31 UTC"),
    ],
)
def test_our_own_lines_keep_their_code_and_localise_times_and_people(said: str, shown: str) -> None:
    assert spoken(said) == shown


@given(text=st.text(alphabet=st.sampled_from("`\n ax"), max_size=60))
def test_nothing_leaves_a_block_of_code_and_its_looks_stay(text: str) -> None:
    made = fenced(text)

    assert made.startswith("```\n")
    assert made.endswith("\n```")
    inside = made[4:-4]
    assert "```" not in inside
    assert inside.replace("\N{WORD JOINER}", "") == text
    assert inside.strip("\n") == inside
    assert inside.strip("\n ")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("<@99> how large is it?", "how large is it?"),
        ("<@!99>: hello", "hello"),
        ("hey <@99>, hello", "hey hello"),
        ("ask <@42> and <@43>", "ask @ann and @43"),
        ("in <#44> as <@&45>", "in #pond as @keepers"),
        ("<@&46> hello", "hello"),
        ("<:duck:47> <a:swim:48>", ":duck: :swim:"),
        ("try </ask:49>", "try /ask"),
        ("if a < b and b > c", "if a < b and b > c"),
        ("<t:1772357460:R>", "<t:1772357460:R>"),
        ("", ""),
    ],
)
def test_what_a_person_meant(text: str, meant: str) -> None:
    names = {"42": "ann", "44": "pond", "45": "keepers", "46": ""}

    assert plain(text, ME, names) == meant


@given(request=st.text(max_size=500))
def test_any_request_makes_a_name_for_a_thread(request: str) -> None:
    name = thread_name(request)

    assert 0 < len(name) <= 100
    assert name == name.strip()
    assert "\n" not in name


def test_a_thread_is_called_after_its_request() -> None:
    assert thread_name("How large\nis the pond?") == "How large is the pond?"
    assert thread_name(" \n ") == "A request"
    assert thread_name("x" * 500) == "x" * 99 + "…"
