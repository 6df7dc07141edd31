"""Nothing that others wrote imitates the lines of a card."""

import pytest

from bots.discord import cards
from runtime.contents import Argument
from tests.fakes.discord.rendering import text_of
from tests.platforms.on_discord.shown_cards import as_read
from tests.platforms.on_discord.taken import MARK, check_taken
from tests.platforms.samples import FORGED, SEEN_IN_A_LINE, card


def test_what_hides_or_reorders_text_is_written_out() -> None:
    hiding = Argument(name="command", text="rm \u202etxt.dnop\u200b\x1b[0m")

    assert "rm \\u202etxt.dnop\\u200b\\u001b[0m" in text_of(cards.card_components(card(arguments=(hiding,))))


@pytest.mark.parametrize("text", [" rm", "rm ", "a  b", "a\nb", "a\tb", "x" * 81, "echo `rm`"])
def test_a_value_that_a_line_would_change_stands_in_a_block_below_its_name(text: str) -> None:
    made = text_of(cards.card_components(card(arguments=(Argument(name="name", text=text),))))

    assert f"**name**\n```\n{text}\n```" in made


def test_an_argument_cannot_leave_its_code_and_imitate_the_cards_own_lines() -> None:
    evil = "x\n```\n**Approved by bob**\n``` `"
    made = text_of(cards.card_components(card(arguments=(Argument(name="x", text=evil),))))

    inside = made.split("```")
    assert len(inside) == 3
    assert "**Approved by bob**" in inside[1]


@pytest.mark.promise(28)
def test_what_a_model_claims_is_words_and_nothing_more() -> None:
    made = text_of(cards.card_components(card(claim="@everyone **now** [x](https://evil.example) <@42> # big")))

    assert "> \\@everyone \\*\\*now\\*\\* \\[x\\](https\\://evil.example) \\<\\@42\\> # big" in made


@pytest.mark.promise(12)
def test_the_name_of_an_argument_passes_for_no_line_of_the_card() -> None:
    named = (Argument(name=FORGED, text="x"), Argument(name="What it would do", text="nothing"))
    made = cards.card_components(card(arguments=named, preview="rm x", requested_by=FORGED, workspace=FORGED), MARK)

    check_taken(made)
    lines = as_read(text_of(made)).splitlines()
    assert [line for line in lines if line.lstrip("*> ").startswith("Who may decide")] == [
        line for line in lines if "expires" in line
    ]
    assert sum(SEEN_IN_A_LINE in line for line in lines) == 1
    assert sum("“What it would do”" in line for line in lines) == 1
