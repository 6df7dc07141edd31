"""A card of any content is a card that Discord takes, held against the strict loopback's rules."""

from typing import Any

import pytest
from hypothesis import given, settings
from syrupy.assertion import SnapshotAssertion

from bots.discord import cards, components, forms, pages
from runtime.cards import card_as_file
from runtime.contents import Argument, Card, Entry, Page
from runtime.excerpts import excerpts
from runtime.records import ApprovalKind, Risk, Verdict
from runtime.showing import visible
from tests.fakes.discord.layout.check import problems_in_components, problems_in_modal
from tests.fakes.discord.rendering import text_of
from tests.platforms.awkward import GROWING, fullest_card, fullest_page
from tests.platforms.on_discord.awkward import AWKWARD, CARDS, PAGES
from tests.platforms.on_discord.taken import MARK, check_taken
from tests.platforms.samples import DIGEST, buttons, card, decided, question


def controls(made: list[dict[str, Any]]) -> list[str]:
    return list(components.controls_in(made))


@pytest.mark.promise(12)
@pytest.mark.mistake(12)
@pytest.mark.mistake(20)
@settings(max_examples=150, deadline=None)
@given(shown=CARDS)
def test_any_card_makes_valid_components_with_every_button(shown: Card) -> None:
    made = cards.card_components(shown, MARK)

    check_taken(made)
    assert controls(made) == [f"mallard:{button.token}" for button in shown.buttons[:25]]


@pytest.mark.mistake(20)
@pytest.mark.parametrize("text", [*GROWING, "*_" * 6_000], ids=lambda text: repr(text[0]))
def test_the_fullest_card_and_page_of_text_that_grows_on_the_way_are_taken(text: str) -> None:
    check_taken(cards.card_components(fullest_card(text), MARK))
    check_taken(pages.page_components(fullest_page(text), MARK))


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
@settings(max_examples=60, deadline=None)
@given(shown=CARDS)
def test_any_card_makes_a_valid_modal_and_forms(shown: Card) -> None:
    modal, _ = forms.card_modal(shown)

    assert problems_in_modal(modal) == []
    assert components.length_of(modal["components"]) <= 4_000
    for verb in forms.FORMS:
        form = forms.form(verb, shown, token="pond.7.deny")
        assert problems_in_modal(form) == []
        assert form["custom_id"] == "mallard:form:pond.7.deny"


@pytest.mark.mistake(20)
@settings(max_examples=150, deadline=None)
@given(page=PAGES)
def test_any_page_makes_valid_components(page: Page) -> None:
    made = pages.page_components(page, MARK)

    check_taken(made)
    assert all(len(control) <= 100 for control in controls(made))


@settings(max_examples=100, deadline=None)
@given(text=AWKWARD.map(lambda text: text[:3_900]))
def test_any_text_and_any_note_make_a_valid_message(text: str) -> None:
    check_taken_as_text = pages.text_components(text, MARK)
    note = pages.note_components(text, MARK)

    assert problems_in_components(check_taken_as_text, v2=True) == []
    assert problems_in_components(note, v2=True) == []


def test_a_note_of_several_lines_is_shown_whole_in_its_lines() -> None:
    note = "Try `list files` or `read FILE`\n\n```\nMALLARD_MODEL_NAME=…\n```" + "x" * 600

    assert note in text_of(pages.page_components(Page(title="Help", entries=(), note=note)))


@pytest.mark.promise(12)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("unit", ["x", "*", "🦆", "\x00", '"', "`", "<@42>", "\u202e"])
def test_a_megabyte_of_anything_is_shortened_with_the_bytes_left_out_and_the_digest(unit: str) -> None:
    huge = unit * (1_000_000 // len(unit))
    shown = card(arguments=(Argument(name="content", text=huge), Argument(name="path", text="pond.txt")), preview=huge)

    made = cards.card_components(shown, MARK)

    check_taken(made)
    text = text_of(made)
    assert "pond.txt" in text
    assert "bytes of this are left out" in text
    assert DIGEST in text
    assert visible(huge) in card_as_file(shown)


@pytest.mark.promise(13)
def test_the_bytes_left_out_are_counted_exactly() -> None:
    shown = card(arguments=(Argument(name="content", text="ä" * 50_000),))

    (excerpt,) = excerpts(shown, 2_600)

    assert excerpt.left_out == 2 * 47_400
    assert "94,800 bytes" in text_of(cards.card_components(shown))


@pytest.mark.promise(13)
def test_the_modal_shows_more_than_the_card_or_says_what_it_has_no_room_for() -> None:
    assert forms.card_modal(card(arguments=(Argument(name="content", text="x" * 2_500),)))[1] == 0
    assert forms.card_modal(card(arguments=(Argument(name="content", text="x" * 50_000),)))[1] == 47_400


def test_short_arguments_are_whole_beside_a_long_one() -> None:
    shown = card(arguments=(Argument(name="a", text="short"), Argument(name="b", text="y" * 50_000)))

    text = text_of(cards.card_components(shown))

    assert "short" in text
    assert text.count("bytes of this are left out") == 1


def test_what_and_how_risky_come_first_then_why_then_the_call_who_decides_until_when_and_the_buttons() -> None:
    lines = text_of(cards.card_components(card())).splitlines()

    order = [
        "### Approval 7: may I run shell\\_exec\\_safe?",
        "**High risk** · asked by alice",
        "every shell command needs a person",
        "**command** `du -sh pond`",
        "**Who may decide:** an approver · expires <t:1772371800:R> (<t:1772371800:f>)",
        "[Approve] [Always allow] [Deny] [Change…] [Show everything]",
    ]
    assert [line for line in lines if line in order] == order
    assert lines[:3] == order[:3]
    assert lines[-1] == order[-1]


@pytest.mark.mistake(10)
def test_a_closed_card_keeps_its_body_says_who_decided_and_when_and_has_no_buttons() -> None:
    pending, closed = text_of(cards.card_components(card())), text_of(cards.card_components(decided()))

    assert "**Approved by bob <t:1772357460:f>.**" in closed.splitlines()[1]
    for line in (
        "**command** `du -sh pond`",
        "> I need to know how large the pond is.",
        "**High risk** · asked by alice",
    ):
        assert line in pending.splitlines()
        assert line in closed.splitlines()
    assert "Who may decide" not in closed
    assert controls(cards.card_components(decided())) == []
    assert cards.card_components(decided())[0]["accent_color"] == cards.CLOSED


@pytest.mark.parametrize("risk", Risk)
def test_the_colour_says_how_risky_it_is(risk: Risk) -> None:
    (made,) = cards.card_components(card(risk=risk))

    assert made["accent_color"] == cards.COLOURS[risk] != cards.CLOSED


def test_pending_and_decided_cards(snapshot: SnapshotAssertion) -> None:
    assert {
        "pending": cards.card_components(card(), MARK),
        "decided": cards.card_components(decided(), MARK),
        "modal": forms.card_modal(card())[0],
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
        "question": text_of(cards.card_components(question())),
        "outcome": text_of(cards.card_components(outcome)),
        "expired": text_of(cards.card_components(expired)),
    } == snapshot


def test_forms(snapshot: SnapshotAssertion) -> None:
    assert [forms.form(verb, card(), token="pond.7.x") for verb in (Verdict.DENY, Verdict.CHANGE, "always")] == snapshot


def test_pages(snapshot: SnapshotAssertion) -> None:
    history = Page(
        title="Your runs",
        entries=(
            Entry(text="run 3 · completed · 2026-03-01 09:30 UTC", detail="how large is *the pond*?", token="run 3"),
        ),
        older="history before 3",
    )
    timeline = Page(
        title="Run 3 · completed",
        entries=(Entry(text="2026-03-01 09:30:07 UTC · approved by discord:123456789"), Entry(text="answered")),
        note="Asked by alice on 2026-03-01 09:30 UTC: how large is the pond?",
    )

    assert {"history": pages.page_components(history), "timeline": text_of(pages.page_components(timeline))} == snapshot
