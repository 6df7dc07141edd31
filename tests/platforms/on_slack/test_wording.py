"""Texts on their way to Slack and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack import manifest
from bots.slack.failures import translated
from bots.slack.manifest import BOT_EVENTS, BOT_SCOPES
from bots.slack.presence import as_status
from bots.slack.redaction import redacted
from bots.slack.wording import (
    WORD_JOINER,
    escaped,
    localised,
    neutralised,
    plain,
    settled_length,
)
from runtime.errors import PlatformUnclear
from tests.fakes.slack.content import PING
from tests.fakes.slack.state import BOT_SCOPES as LOOPBACK_SCOPES
from tests.fakes.slack.state import SUBSCRIPTIONS

MARKED_UP = st.text(alphabet=st.sampled_from("<>!@#|&;^[]() \nabehnorvyUC1\\`"), max_size=200) | st.lists(
    st.sampled_from(["<", "!", "here", ">", "@", "channel", "<@U1>", "![a](b)", "x", "[", "](", "everyone"])
).map("".join)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<@UBOT> hello", "hello"),
        ("hello <@UBOT>: there", "hello there"),
        ("<@UBOT|mallard>, stop", "stop"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<@U2> and <@U3|carol>", "@U2 and @carol"),
        ("<#C1|pond> <#C2>", "#pond #C2"),
        ("<!here> <!subteam^S1|@ducks> <!channel>", "@here @ducks @channel"),
        ("<https://a.example|a.example> <https://b.example>", "a.example (https://a.example) https://b.example"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("&lt;@UBOT&gt; is text", "<@UBOT> is text"),
        ("1 < 2", "1 < 2"),
        ("line one\nline two", "line one\nline two"),
    ],
)
def test_what_a_person_wrote_is_read_as_they_meant_it(written: str, meant: str) -> None:
    assert plain(written, own_id="UBOT") == meant


@given(text=st.text())
def test_escaping_is_undone_by_reading(text: str) -> None:
    assert plain(escaped(text), own_id="UBOT") == text.strip()


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@given(text=MARKED_UP)
def test_neutralised_markdown_pings_nobody_and_reads_the_same(text: str) -> None:
    made = neutralised(text)

    assert not PING.search(made)
    assert made.replace(WORD_JOINER, "") == text
    assert neutralised(made) == made


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@given(pieces=st.lists(MARKED_UP, max_size=8))
def test_a_text_neutralised_while_it_grows_is_the_text_neutralised_at_once(pieces: list[str]) -> None:
    whole, sent, shown = "", 0, ""
    for piece in pieces:
        whole += piece
        end = settled_length(whole)
        if end > sent:
            shown, sent = shown + neutralised(whole[sent:end]), end
    shown += neutralised(whole[sent:])

    assert not PING.search(shown)
    assert shown.replace(WORD_JOINER, "") == whole


def test_ordinary_code_and_addresses_stay_untouched() -> None:
    text = "`if ![ -f x ]` <!DOCTYPE html> <!-- note --> a@here.example @heretic #include <stdio.h> [a](http://b)"

    assert neutralised(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "Denied by bob on 2026-03-01 at 09:30 UTC: no",
            "Denied by bob <!date^1772357400^{date_short_pretty} at {time}|on 2026-03-01 at 09:30 UTC>: no",
        ),
        (
            "2026-03-01 09:30:15 UTC · done",
            "<!date^1772357415^{date_short_pretty} at {time_secs}|2026-03-01 09:30:15 UTC> · done",
        ),
        ("on 2026-13-01 09:30 UTC", "on 2026-13-01 09:30 UTC"),
        ("2026-03-01 09:30", "2026-03-01 09:30"),
    ],
)
def test_times_are_shown_in_the_readers_own_zone(text: str, shown: str) -> None:
    assert localised(text) == shown


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Thinking…", "is thinking…"),
        ("Running write_file…", "is running write_file…"),
        ("shell_exec_safe: 12 of 40", "is running shell_exec_safe: 12 of 40"),
        ("is digging", "is digging"),
        ("", ""),
    ],
)
def test_a_status_reads_after_our_name(words: str, status: str) -> None:
    assert as_status(words) == status


def test_secrets_are_cut_out_of_any_text() -> None:
    text = "xoxb-12-ab xapp-1-A-2 wss://x/link/?ticket=abc-1&app_id=A1 Bearer zzz 'xoxe.xoxp-1-x'"

    assert redacted(text) == "*** *** wss://x/link/?ticket=***&app_id=A1 Bearer *** '***'"


def test_a_timeout_is_unclear() -> None:
    assert isinstance(translated(TimeoutError()), PlatformUnclear)


def test_the_manifest_keeps_slacks_limits_and_asks_for_what_is_used() -> None:
    made = manifest()
    features = made["features"]

    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert features["slash_commands"][0]["command"] == "/mallard"
    assert made["settings"]["socket_mode_enabled"]
    assert "assistant_view" not in features
    assert set(BOT_EVENTS) >= set(SUBSCRIPTIONS)
    assert set(BOT_SCOPES) <= set(LOOPBACK_SCOPES)


def test_the_manifest_for_http_mode_names_the_endpoint_everywhere() -> None:
    made = manifest(url="https://pond.example/slack/events")

    assert not made["settings"]["socket_mode_enabled"]
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://pond.example/slack/events"
    assert made["settings"]["interactivity"]["request_url"] == "https://pond.example/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == "https://pond.example/slack/events"
