"""Which of Discord's messages are messages to Mallard, and what a custom id says. Pure."""

from typing import Any

import pytest

from bots.discord.inbound import Heard, Kind, Location, find_message
from bots.discord.interactions import Pressed, read_custom_id, read_words
from bots.discord.places import snowflake_at
from bots.discord.settings import Identity
from tests.platforms.samples import ASKED_AT

ME = Identity(app=900, user=900)
GUILD, POND, THREAD, SAID, ANN = 100, 200, 300, snowflake_at(ASKED_AT) + 1, 42
IN_CHANNEL = Location(kind=Kind.CHANNEL, guild=GUILD, channel=POND)
IN_THREAD = Location(kind=Kind.THREAD, guild=GUILD, channel=THREAD, parent=POND)
IN_PRIVATE = Location(kind=Kind.PRIVATE_THREAD, guild=GUILD, channel=THREAD, parent=POND)
IN_VOICE = Location(kind=Kind.VOICE, guild=GUILD, channel=POND)
DIRECT = Location(kind=Kind.DIRECT, channel=700)
MENTION: dict[str, Any] = {"id": SAID, "kind": 0, "author": ANN, "text": "<@900> hello", "names_us": True}
PLAIN = {**MENTION, "text": "hello", "names_us": False}


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
@pytest.mark.parametrize(
    "changes",
    [
        {"author": 900},
        {"by_machine": True},
        *({"kind": number} for number in (1, 3, 4, 6, 7, 8, 12, 18, 20, 21, 23, 24, 46)),
    ],
    ids=str,
)
def test_noise_is_no_message(changes: dict[str, Any]) -> None:
    for place in (IN_CHANNEL, IN_THREAD, DIRECT):
        assert find_message(Heard(**{**MENTION, **changes}), place, ME) is None


@pytest.mark.mistake(16)
@pytest.mark.parametrize(
    ("heard", "place", "addressed", "where"),
    [
        (MENTION, IN_CHANNEL, True, ("100", "200", str(SAID))),
        ({**MENTION, "kind": 19}, IN_CHANNEL, True, ("100", "200", str(SAID))),
        (MENTION, IN_THREAD, True, ("100", "200", "300")),
        (PLAIN, IN_THREAD, False, ("100", "200", "300")),
        (PLAIN, IN_PRIVATE, False, ("100", "300", "")),
        (MENTION, IN_VOICE, True, ("100", "200", "")),
        (PLAIN, DIRECT, True, ("", "700", "")),
    ],
)
def test_each_kind_of_conversation_maps_to_one_thread(
    heard: dict[str, Any], place: Location, addressed: bool, where: tuple[str, str, str]
) -> None:
    message = find_message(Heard(**heard), place, ME)

    assert message is not None
    assert (message.where.space, message.where.channel, message.where.thread) == where
    assert message.addressed is addressed
    assert message.direct is (place is DIRECT)
    assert message.text == "hello"
    assert str(message.author) == "discord:42"
    assert message.sent_at == ASKED_AT


@pytest.mark.mistake(16)
def test_a_thread_that_is_opened_on_a_message_goes_on_with_its_conversation() -> None:
    asked = find_message(Heard(**MENTION), IN_CHANNEL, ME)
    opened = Location(kind=Kind.THREAD, guild=GUILD, channel=SAID, parent=POND)
    reply = find_message(Heard(**{**PLAIN, "id": SAID + 1}), opened, ME)

    assert asked is not None
    assert reply is not None
    assert asked.where == reply.where


def test_talk_in_a_channel_that_names_nobody_is_no_message() -> None:
    assert find_message(Heard(**PLAIN), IN_CHANNEL, ME) is None
    assert find_message(Heard(**PLAIN), IN_VOICE, ME) is None


def test_nobody_can_talk_to_us_in_a_group_or_in_a_forum_itself() -> None:
    assert find_message(Heard(**MENTION), Location(kind=Kind.ELSEWHERE, channel=1), ME) is None


def test_what_may_not_be_read_is_no_empty_request() -> None:
    assert find_message(Heard(**{**PLAIN, "text": ""}), IN_THREAD, ME) is None


@pytest.mark.parametrize(("place", "heard"), [(DIRECT, PLAIN), (IN_CHANNEL, MENTION)])
def test_a_bare_mention_asks_for_help(place: Location, heard: dict[str, Any]) -> None:
    message = find_message(Heard(**{**heard, "text": "<@900>"}), place, ME)

    assert message is not None
    assert message.text == "help"


@pytest.mark.parametrize(
    ("custom_id", "said"),
    [
        ("mallard:deadbeef.7.approve", Pressed(verb="approve", token="deadbeef.7.approve")),
        ("mallard:deadbeef.7.mark_done", Pressed(verb="mark_done", token="deadbeef.7.mark_done")),
        ("mallard:form:deadbeef.7.deny", Pressed(verb="deny", token="deadbeef.7.deny", is_form=True)),
        ("mallard:page:older:0:history before 3", Pressed(verb="older", token="history before 3", is_page=True)),
        ("mallard:page:open:2:deadbeef.7.show", Pressed(verb="open", token="deadbeef.7.show", is_page=True)),
        ("mallard:page:dance:0:history", None),
        ("mallard:page:open:0:", None),
        ("mallard:form:", None),
        ("mallard:", None),
        ("other:deadbeef.7.approve", None),
        ("", None),
    ],
)
def test_a_custom_id_says_what_was_used(custom_id: str, said: Pressed | None) -> None:
    assert read_custom_id(custom_id) == said


@pytest.mark.parametrize(
    "components",
    [
        [{"type": 10, "id": 1}, {"type": 18, "id": 2, "component": {"type": 4, "custom_id": "words", "value": " no "}}],
        [{"type": 1, "components": [{"type": 4, "custom_id": "words", "value": "no"}]}],
    ],
)
def test_the_words_of_a_form_are_found_wherever_they_stand(components: list[dict[str, Any]]) -> None:
    assert read_words(components) == "no"


def test_a_form_that_was_left_empty_has_no_words() -> None:
    assert read_words([{"type": 18, "component": {"type": 4, "custom_id": "words", "value": ""}}]) == ""
    assert read_words([]) == ""
