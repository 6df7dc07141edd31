"""Which of Slack's events are messages to Mallard. Pure."""

from typing import Any

import pytest

from bots.slack.inbound import find_message, sent_at, ts_of
from bots.slack.interactions import read_click, read_submission
from bots.slack.settings import Identity

ME = Identity(team="T1", user="UBOT", bot="BBOT")
MENTION: dict[str, Any] = {
    "type": "app_mention",
    "user": "U1",
    "text": "<@UBOT> hello",
    "channel": "C1",
    "ts": "1700000000.000100",
}
PLAIN = {**MENTION, "type": "message", "text": "hello"}


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
@pytest.mark.parametrize(
    "changes",
    [
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"bot_id": "B2"},
        {"edited": {"user": "U1", "ts": "1700000009.000100"}},
        {"hidden": True},
        {"channel": None},
        {"ts": None},
        *(
            {"subtype": name}
            for name in (
                "bot_message",
                "message_changed",
                "message_deleted",
                "message_replied",
                "channel_join",
                "channel_leave",
                "channel_topic",
                "pinned_item",
                "reminder_add",
                "tombstone",
                "huddle_thread",
            )
        ),
    ],
    ids=str,
)
def test_noise_is_no_message(changes: dict[str, Any]) -> None:
    assert find_message({**MENTION, **changes}, ME) is None


@pytest.mark.mistake(16)
@pytest.mark.parametrize(
    ("event", "addressed", "thread"),
    [
        (MENTION, True, "1700000000.000100"),
        ({**MENTION, "type": "message"}, True, "1700000000.000100"),
        ({**PLAIN, "channel": "D1"}, True, "1700000000.000100"),
        ({**PLAIN, "channel": "D1", "thread_ts": "1600000000.000001"}, True, "1600000000.000001"),
        ({**PLAIN, "thread_ts": "1600000000.000001"}, False, "1600000000.000001"),
        ({**PLAIN, "channel": "G1", "thread_ts": "1600000000.000001"}, False, "1600000000.000001"),
        ({**MENTION, "thread_ts": "1600000000.000001", "subtype": "thread_broadcast"}, True, "1600000000.000001"),
    ],
)
def test_each_kind_of_conversation_maps_to_one_thread(event: dict[str, Any], addressed: bool, thread: str) -> None:
    message = find_message(event, ME)

    assert message is not None
    assert (message.addressed, message.where.thread) == (addressed, thread)
    assert message.direct is event["channel"].startswith("D")


def test_talk_in_a_channel_that_names_nobody_is_no_message() -> None:
    assert find_message(PLAIN, ME) is None
    assert find_message({**PLAIN, "thread_ts": PLAIN["ts"]}, ME) is None


@pytest.mark.mistake(26)
@pytest.mark.parametrize("user", ["U1", "W1"])
@pytest.mark.parametrize(
    ("said", "in_shared", "elsewhere"),
    [
        ({}, "unknown", "T1"),
        ({"team": "T1"}, "T1", "T1"),
        ({"team": "T1", "user_team": "T2"}, "T2", "T2"),
        ({"team": "T1", "user_team": "E2"}, "E2", "E2"),
        ({"team": "E1"}, "E1", "E1"),
        ({"files": [{"id": "F1", "user": "@", "user_team": "T1"}]}, "T1", "T1"),
        ({"files": [{"id": "F1", "user": "@", "user_team": "T2"}]}, "T2", "T2"),
        ({"files": [{"id": "F1", "user": "U9", "user_team": "T1"}]}, "unknown", "T1"),
        ({"files": [{"id": "F1"}]}, "unknown", "T1"),
    ],
)
def test_whose_somebody_is_is_never_guessed_where_people_of_other_workspaces_are(
    user: str, said: dict[str, Any], in_shared: str, elsewhere: str
) -> None:
    files = [file | ({"user": user} if file.get("user") == "@" else {}) for file in said.get("files", ())]
    event = {**MENTION, **said, "user": user, "files": files}

    for is_shared, team in ((True, in_shared), (False, elsewhere)):
        message = find_message(event, ME, is_shared=is_shared)
        assert message is not None
        assert str(message.author) == f"slack:{team}/{user}"


def test_a_time_and_its_ts_are_one() -> None:
    assert ts_of(sent_at("1700000000.000100")) == "1700000000.000100"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"actions": []},
        {"actions": [{"action_id": "other:approve", "value": "x"}]},
        {"actions": [{"action_id": "mallard:approve"}]},
    ],
)
def test_what_is_no_button_of_ours_is_no_click(body: dict[str, Any]) -> None:
    assert read_click(body, ME) is None


@pytest.mark.parametrize("view", [{}, {"callback_id": "mallard:card"}, {"callback_id": "x", "private_metadata": "t"}])
def test_what_is_no_form_of_ours_is_no_submission(view: dict[str, Any]) -> None:
    assert read_submission({"view": view}, ME) is None
