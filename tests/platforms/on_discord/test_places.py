"""Ids of Discord and refs of the runtime."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.discord import places
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef, MessageRef, UserRef

SNOWFLAKES = st.integers(min_value=1 << 22, max_value=(1 << 63) - 1)


@given(guild=SNOWFLAKES, channel=SNOWFLAKES, thread=st.none() | SNOWFLAKES, message=SNOWFLAKES)
def test_a_message_is_found_where_it_stands_by_its_ref_alone(
    guild: int, channel: int, thread: int | None, message: int
) -> None:
    where = places.conversation(guild=guild, channel=channel, thread=thread)

    assert places.target_of(where) == (thread or channel)
    assert places.message_of(places.ref_of(where, channel, message)) == (channel, message)


def test_places_are_written_as_settings_name_them() -> None:
    assert places.conversation(guild=1, channel=2, thread=3).written_channel == "discord:1/2"
    assert places.conversation(guild=None, channel=2).written_channel == "discord:2"
    assert str(places.user(42)) == "discord:42"
    assert UserRef.parse("discord:42") == places.user(42)
    assert places.is_direct(places.conversation(guild=None, channel=2))
    assert not places.is_direct(places.conversation(guild=1, channel=2))


@pytest.mark.parametrize("id_", ["", "12", "x/1", "1/x", "file:1", "1/2/3"])
def test_a_ref_that_is_none_of_ours_is_refused(id_: str) -> None:
    with pytest.raises(PlatformRefused):
        places.message_of(MessageRef(where=ConversationRef(platform="discord", channel="1"), id=id_))


@given(key=st.text(max_size=60))
def test_a_mark_is_a_number_that_a_component_can_bear_and_that_discord_gives_nobody(key: str) -> None:
    assert 1_000 < places.mark_of(key) < 2**31
    assert places.mark_of(key) == places.mark_of(key)


def test_keys_that_look_alike_have_marks_and_nonces_of_their_own() -> None:
    keys = [f"deadbeef.{number}{suffix}" for number in range(2_000) for suffix in ("", ".1", "'")]

    assert len({places.nonce_of(key) for key in keys}) == len(keys)
    assert len({places.mark_of(key) for key in keys}) >= len(keys) - 1


@given(key=st.text(max_size=60))
def test_a_nonce_is_as_long_as_discord_takes_it(key: str) -> None:
    assert 0 < len(places.nonce_of(key)) <= 25


def test_a_nonce_of_a_short_key_is_that_key() -> None:
    assert places.nonce_of("deadbeef.1234567890123.12") == "deadbeef.1234567890123.12"
    assert places.nonce_of("deadbeef.1234567890123.123") != "deadbeef.1234567890123.123"


@given(at=st.datetimes(min_value=datetime(2015, 1, 2), max_value=datetime(2080, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  the zone is given beside
def test_an_id_is_a_time(at: datetime) -> None:
    assert abs(places.sent_at(places.snowflake_at(at)) - at) <= timedelta(milliseconds=1)


def test_what_came_before_discord_is_the_smallest_id() -> None:
    assert places.snowflake_at(datetime(1999, 1, 1, tzinfo=UTC)) == 0


def test_a_files_source_says_where_a_fresh_link_stands() -> None:
    source = places.source_of(1, 2, 3, "https://cdn.discordapp.com/a|b")

    assert places.read_source(source) == ((1, 2, 3), "https://cdn.discordapp.com/a|b")
    assert places.read_source("https://cdn.discordapp.com/a") == (None, "https://cdn.discordapp.com/a")
    assert places.read_source("a/b/c|https://x") == (None, "a/b/c|https://x")
