"""A card of any content is a card that Slack takes: held against the strict loopback's rules and slack-sdk's own."""

from typing import Any

import pytest
from hypothesis import given, settings
from slack_sdk.models.blocks import Block, InteractiveElement
from syrupy.assertion import SnapshotAssertion

from bots.slack import blocks, cards, pages
from runtime.contents import Argument, Card, Entry, Page
from runtime.forms import FORMS
from runtime.records import ApprovalKind, Verdict
from tests.fakes.slack.blockkit.check import characters_in, problems_in_blocks, problems_in_view
from tests.fakes.slack.content import Content
from tests.fakes.slack.rendering import text_of
from tests.platforms.awkward import GROWING, awkward, awkward_cards, awkward_pages, fullest_card, fullest_page
from tests.platforms.samples import DIGEST, FORGED, SEEN_IN_A_LINE, buttons, card, decided, question

AWKWARD = awkward("& < > &amp; <!channel> <@U1> <#C1> @here", "``` `code` ``` *bold* _it_ ~no~")
CARDS = awkward_cards(AWKWARD, longest_token=100)
PAGES = awkward_pages(AWKWARD)


def check_taken(made: list[dict[str, Any]]) -> None:
    assert problems_in_blocks(made, "message") == []
    assert characters_in(made) <= 13_200
    assert blocks.length(made) <= 13_200
    for block in made:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            for control in InteractiveElement.parse_all([element]):
                control.validate_json()
    assert Content(fallback="", blocks=tuple(made)).pings == ()


@pytest.mark.promise(12)
@pytest.mark.mistake(12)
@pytest.mark.mistake(20)
@settings(max_examples=150, deadline=None)
@given(shown=CARDS)
def test_any_card_makes_valid_blocks_with_every_button_and_a_text(shown: Card) -> None:
    made = cards.card_blocks(shown)

    check_taken(made)
    values = [element["value"] for block in made if block["type"] == "actions" for element in block["elements"]]
    assert values == [button.token for button in shown.buttons[:25]]
    assert 0 < len(cards.card_text(shown)) <= 40_000


@pytest.mark.mistake(20)
@pytest.mark.parametrize("text", GROWING, ids=lambda text: repr(text[0]))
def test_the_fullest_card_and_page_of_text_that_grows_on_the_way_are_taken(text: str) -> None:
    check_taken(cards.card_blocks(fullest_card(text)))
    check_taken(pages.page_blocks(fullest_page(text)))


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
@settings(max_examples=60, deadline=None)
@given(shown=CARDS)
def test_any_card_makes_a_valid_modal_and_forms(shown: Card) -> None:
    view, _ = cards.card_modal(shown)

    assert problems_in_view(view) == []
    for verb in FORMS:
        place = "C0123456789:1700000000.000001"
        form = cards.form(verb, shown, token="pond.7.deny", place=place)
        assert problems_in_view(form) == []
        assert form["private_metadata"] == "pond.7.deny"


@pytest.mark.mistake(20)
@settings(max_examples=100, deadline=None)
@given(page=PAGES)
def test_any_page_makes_valid_blocks_a_valid_modal_and_a_valid_home_tab(page: Page) -> None:
    check_taken(pages.page_blocks(page))
    assert problems_in_view(pages.page_modal(page)) == []
    assert problems_in_view(pages.home_view(page, page, note=page.note)) == []
    assert 0 < len(pages.page_text(page)) <= 40_000


def test_a_note_of_several_lines_is_shown_whole_in_its_lines() -> None:
    note = "- `list files` – lists\n- `read FILE` – reads\n\n```\nMALLARD_MODEL_NAME=…\n```" + "x" * 600

    assert note in text_of(pages.page_blocks(Page(title="Help", entries=(), note=note)))


@settings(max_examples=100, deadline=None)
@given(text=AWKWARD.map(lambda text: text[:8_000]))
def test_any_text_makes_a_valid_message(text: str) -> None:
    check_taken_as_text = pages.text_blocks(text)

    assert problems_in_blocks(check_taken_as_text, "message") == []
    assert Content(fallback=pages.text_fallback(text), blocks=tuple(check_taken_as_text)).pings == ()


def test_the_worst_text_that_is_allowed_fits_after_neutralising() -> None:
    assert problems_in_blocks(pages.text_blocks("<@U" * 2_666), "message") == []


@pytest.mark.promise(12)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("unit", ["x", "&", "🦆", "\x00", '"', "<!channel>", "\u202e"])
def test_a_megabyte_of_anything_is_shortened_with_the_bytes_left_out_and_the_digest(unit: str) -> None:
    huge = unit * (1_000_000 // len(unit))
    shown = card(arguments=(Argument(name="content", text=huge), Argument(name="path", text="pond.txt")), preview=huge)

    made = cards.card_blocks(shown)

    check_taken(made)
    text = text_of(made)
    assert "pond.txt" in text
    assert "bytes of this are left out" in text
    assert DIGEST in text


@pytest.mark.promise(13)
def test_a_card_says_how_many_bytes_it_leaves_out() -> None:
    shown = card(arguments=(Argument(name="content", text="ä" * 50_000),))

    assert "95,200 bytes" in text_of(cards.card_blocks(shown))


def test_short_arguments_are_whole_beside_a_long_one() -> None:
    shown = card(arguments=(Argument(name="a", text="short"), Argument(name="b", text="y" * 50_000)))

    text = text_of(cards.card_blocks(shown))

    assert "short" in text
    assert text.count("left out") == 1


def test_what_hides_or_reorders_text_is_written_out() -> None:
    text = text_of(
        cards.card_blocks(card(arguments=(Argument(name="command", text="rm \u202etxt.dnop\u200b\x1b[0m"),)))
    )

    assert "rm \\u202etxt.dnop\\u200b\\u001b[0m" in text


def test_what_is_on_a_locked_phone_says_what_would_run_and_how_risky_it_is() -> None:
    text = cards.card_text(card())

    assert text == "Approval 7: may I run shell_exec_safe? · du -sh pond · high risk, asked by alice"


def test_what_and_how_risky_come_before_all_else_and_the_buttons_last() -> None:
    lines = text_of(cards.card_blocks(card())).splitlines()

    assert lines[:2] == ["Approval 7: may I run shell_exec_safe?", "High risk · asked by alice"]
    assert lines.index("command: du -sh pond") < lines.index("The agent's own reason (its claim)")
    assert lines[-1].startswith("[Approve]")


def test_always_allow_asks_once_more_and_nothing_else_does() -> None:
    (made,) = [block for block in cards.card_blocks(card()) if block["type"] == "actions"]

    asking = [element["text"]["text"] for element in made["elements"] if "confirm" in element]
    assert asking == ["Always allow"]


@pytest.mark.parametrize("text", [" rm", "rm ", "a  b", "a\nb", "a\tb", "", "x" * 81])
def test_a_value_that_a_line_would_change_stands_below_its_name(text: str) -> None:
    (holding,) = [b for b in cards.card_blocks(card(arguments=(Argument(name="name", text=text),))) if "name" in str(b)]

    assert holding["elements"][1]["type"] == "rich_text_preformatted"


def test_an_argument_cannot_imitate_the_cards_own_lines() -> None:
    made = cards.card_blocks(card(arguments=(Argument(name="x", text="*Approved by bob*\n```\n<!date^1^{date}|now>"),)))

    (holding,) = [block for block in made if "Approved by bob" in str(block)]
    assert holding["type"] == "rich_text"
    assert holding["elements"][1]["type"] == "rich_text_preformatted"


def test_pending_and_decided_cards(snapshot: SnapshotAssertion) -> None:
    assert {
        "pending": cards.card_blocks(card()),
        "decided": cards.card_blocks(decided()),
        "text": [cards.card_text(card()), cards.card_text(decided())],
    } == snapshot


def test_cards_of_the_other_kinds(snapshot: SnapshotAssertion) -> None:
    outcome = card(
        kind=ApprovalKind.OUTCOME,
        title="Approval 7: did shell_exec_safe take effect?",
        claim="",
        expires_at=None,
        buttons=buttons("mark_done", "mark_failed", "retry"),
    )
    expired = card(closing="Expired on 2026-03-01 at 13:30 UTC.", buttons=buttons("again"))

    assert {
        "question": text_of(cards.card_blocks(question())),
        "outcome": text_of(cards.card_blocks(outcome)),
        "expired": text_of(cards.card_blocks(expired)),
    } == snapshot


def test_forms(snapshot: SnapshotAssertion) -> None:
    assert [
        cards.form(verb, card(), token="pond.7.x", place="C1:1.2") for verb in (Verdict.DENY, Verdict.CHANGE)
    ] == snapshot


def test_the_preview_of_a_page_hides_and_reorders_nothing() -> None:
    page = Page(title="Memory", entries=(Entry(text="12: pay \u202eeciler\x1b"),), note="")
    assert pages.page_text(page) == "Memory · 12: pay \\u202eeciler\\u001b"


@pytest.mark.promise(12)
def test_the_name_of_an_argument_passes_for_no_line_of_the_card() -> None:
    named = (Argument(name=FORGED, text="x"), Argument(name="What it would do", text="nothing"))
    made = cards.card_blocks(card(arguments=named, preview="rm x", requested_by=FORGED, workspace=FORGED))

    check_taken(made)
    lines = text_of(made).splitlines()
    assert [line for line in lines if line.lstrip("*> ").startswith("Who may decide")] == [
        line for line in lines if "expires" in line
    ]
    assert sum(SEEN_IN_A_LINE in line for line in lines) == 1
    assert sum("“What it would do”" in line for line in lines) == 1
