"""What the loopback Slack refuses, and that it says so to the test as well as to the app."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import BOT, Channel, Message, Person, Slack
from tests.fakes.slack.boltapp import error_of, web_client

Json = dict[str, Any]
QUIET: Json = {"unfurl_links": False, "unfurl_media": False}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "quack"}}


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as slack:
        yield slack


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return web_client(slack)


@pytest.fixture
def alice(slack: Slack) -> Person:
    return slack.person("UALICE")


@pytest.fixture
def pond(slack: Slack, alice: Person) -> Channel:
    return slack.channel("pond", members=[alice])


@pytest.fixture
async def asked(alice: Person, pond: Channel) -> Message:
    return await alice.mentions(pond, "hello")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "no_text"),
        ({"text": "a", "thread_ts": 1700000000.000001}, "invalid_arguments"),
        ({"text": "a", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"text": "a", "colour": "green"}, "invalid_arguments"),
        ({"text": 5}, "invalid_arguments"),
        ({"text": "a", "blocks": {"type": "divider"}}, "invalid_arguments"),
        ({"text": "a", "blocks": [{"type": "dividor"}]}, "invalid_blocks"),
        ({"text": "a", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"text": "a" * 40_001}, "msg_too_long"),
        ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ({"markdown_text": "b" * 12_001}, "msg_too_long"),
        ({"text": "a", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        (
            {"text": "a", "blocks": [{**SECTION, "text": {"type": "plain_text", "text": "b" * 2_700}}] * 5},
            "msg_blocks_too_long",
        ),
        ({"text": "a", "username": "goose"}, "missing_scope"),
    ],
)
async def test_a_malformed_message_is_a_violation(
    slack: Slack, client: AsyncWebClient, pond: Channel, given: Json, error: str
) -> None:
    call = client.api_call("chat.postMessage", json={"channel": pond.id, **given, **QUIET})
    assert await error_of(call) == error
    [violation] = slack.record.violations
    assert (violation.method, violation.error) == ("chat.postMessage", error)
    with pytest.raises(AssertionError, match=error):
        slack.check_clean()


async def test_what_happens_to_good_apps_is_no_violation(slack: Slack, client: AsyncWebClient, alice: Person) -> None:
    closed = slack.channel("closed", members=[alice])
    closed.is_archived = True
    strangers = slack.channel("strangers", members=[alice], with_bot=False)
    secret = slack.channel("secret", members=[alice], kind="group", with_bot=False)
    robot = slack.other_bot("UROBOT")
    for channel, error in (
        (closed.id, "is_archived"),
        (strangers.id, "not_in_channel"),
        (secret.id, "channel_not_found"),
        (robot.id, "cannot_dm_bot"),
        ("C404", "channel_not_found"),
    ):
        assert await error_of(client.chat_postMessage(channel=channel, text="hello", **QUIET)) == error
    slack.check_clean()


async def test_a_reply_is_no_parent(slack: Slack, client: AsyncWebClient, alice: Person, asked: Message) -> None:
    reply = await alice.says(asked.channel, "more", thread=asked)
    post = client.chat_postMessage(channel=asked.channel, thread_ts=reply.ts, text="hello", **QUIET)
    assert await error_of(post) == "invalid_thread_ts"
    assert len(slack.record.violations) == 1


async def test_a_deleted_thread_is_gone(slack: Slack, client: AsyncWebClient, alice: Person, asked: Message) -> None:
    await alice.deletes(asked)
    post = client.chat_postMessage(channel=asked.channel, thread_ts=asked.ts, text="hello", **QUIET)
    assert await error_of(post) == "thread_not_found"
    slack.check_clean()


async def test_only_its_own_messages_can_be_changed(client: AsyncWebClient, asked: Message) -> None:
    place: Json = {"channel": asked.channel, "ts": asked.ts}
    assert await error_of(client.chat_update(**place, text="mine now")) == "cant_update_message"
    assert await error_of(client.chat_delete(**place)) == "cant_delete_message"


async def test_an_update_with_text_alone_removes_the_blocks(
    slack: Slack, client: AsyncWebClient, pond: Channel
) -> None:
    place: Json = {"channel": pond.id}
    place["ts"] = (await client.chat_postMessage(**place, text="a", blocks=[SECTION], **QUIET))["ts"]
    await client.chat_update(**place, text="b", blocks=[SECTION, {"type": "divider"}])
    [message] = slack.messages(pond)
    assert (message.text, message.edited) == ("quack\n---", None)
    await client.chat_update(**place, text="c")
    assert (message.text, message.blocks) == ("c", ())
    assert message.edited is not None
    await client.api_call("chat.update", json={**place, "metadata": {"event_type": "x", "event_payload": {}}})
    assert (message.text, message.metadata) == ("c", {"event_type": "x", "event_payload": {}})


async def test_an_ephemeral_message_cannot_be_changed(
    slack: Slack, client: AsyncWebClient, alice: Person, pond: Channel
) -> None:
    posted = await client.chat_postEphemeral(channel=pond.id, user=alice.id, text="psst")
    update = client.chat_update(channel=pond.id, ts=posted["message_ts"], text="loud")
    assert await error_of(update) == "message_not_found"


async def test_loud_habits_are_lapses(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    await client.chat_postMessage(channel=pond.id, text="a", link_names=True, parse="full", unfurl_media=False)
    assert [lapse.split(": ", 1)[1].split()[0] for lapse in slack.lapses] == ["link_names", "parse:", "unfurl_links"]
    assert slack.violations == []


async def test_unknown_methods_and_tokens(slack: Slack, client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"
    assert await error_of(client.api_call("auth.test", params={"token": "xoxb-wrong"})) == "invalid_auth"
    assert await error_of(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    async with aiohttp.ClientSession() as session:
        answer = await (await session.post(f"{slack.base_url}auth.test")).json()
        assert answer == {"ok": False, "error": "not_authed"}
        token = {"token": slack.bot_token}
        for request in (
            session.get(f"{slack.base_url}auth.test", params=token),
            session.post(f"{slack.base_url}auth.test", data=token),
        ):
            assert (await (await request).json())["user_id"] == BOT.id


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("agents.sessions.setStatus", {"status": "thinking"}, "invalid_arguments"),
        ("agents.sessions.setStatus", {"status": "active", "title": "t" * 201}, "invalid_arguments"),
        ("assistant.threads.setStatus", {"status": "s", "loading_messages": ["m"] * 11}, "invalid_arguments"),
        (
            "assistant.threads.setSuggestedPrompts",
            {"prompts": [{"title": "a", "message": "b"}] * 5},
            "invalid_arguments",
        ),
    ],
)
async def test_agent_surfaces_have_limits(
    client: AsyncWebClient, alice: Person, method: str, given: Json, error: str
) -> None:
    asked = await alice.dms("hello")
    where = {"channel_id": asked.channel} | ({} if "Prompts" in method else {"thread_ts": asked.ts})
    assert await error_of(client.api_call(method, json={**where, **given})) == error


async def test_prompts_with_a_thread_fail_silently(slack: Slack, client: AsyncWebClient, alice: Person) -> None:
    asked = await alice.dms("hello")
    prompts = [{"title": "a", "message": "b"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=asked.channel, thread_ts=asked.ts, prompts=prompts)
    assert slack.state.prompts == {}
    assert [violation.error for violation in slack.record.violations] == ["silent_failure"]


async def test_status_lines_fade_after_two_minutes(slack: Slack, client: AsyncWebClient, asked: Message) -> None:
    await client.assistant_threads_setStatus(channel_id=asked.channel, thread_ts=asked.ts, status="thinking")
    slack.clock.advance(119)
    assert slack.status_line(asked.channel, asked) == "thinking"
    slack.clock.advance(2)
    assert slack.status_line(asked.channel, asked) == ""


async def test_streams_need_a_recipient_and_go_stale(slack: Slack, client: AsyncWebClient, asked: Message) -> None:
    start: Callable[..., Any] = client.chat_startStream
    place: Json = {"channel": asked.channel, "thread_ts": asked.ts}
    assert await error_of(start(**place)) == "missing_recipient_user_id"
    assert await error_of(start(**place, recipient_user_id="UALICE")) == "missing_recipient_team_id"
    stream = await start(**place, recipient_user_id="UALICE", recipient_team_id="T1", markdown_text="one")
    place = {"channel": asked.channel, "ts": stream["ts"]}
    assert await error_of(client.chat_update(**place, text="two")) == "streaming_state_conflict"
    slack.clock.advance(301)
    assert await error_of(client.chat_appendStream(**place, markdown_text="two")) == "message_not_in_streaming_state"
    await client.chat_update(**place, text="one two")
    assert slack.messages(asked.channel)[-1].text == "one two"


async def test_trigger_ids_are_short_lived_and_single_use(slack: Slack, client: AsyncWebClient, alice: Person) -> None:
    modal: Json = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": [SECTION]}
    once, late = (slack.state.triggers.new_trigger(alice.id) for _ in range(2))
    await client.views_open(trigger_id=once, view=modal)
    assert await error_of(client.views_open(trigger_id=once, view=modal)) == "exchanged_trigger_id"
    slack.clock.advance(3.1)
    assert await error_of(client.views_open(trigger_id=late, view=modal)) == "expired_trigger_id"
    slack.check_clean()


async def test_response_urls_wear_out(slack: Slack, alice: Person, asked: Message) -> None:
    async with aiohttp.ClientSession() as session:

        async def respond(key: str) -> int:
            async with session.post(f"{slack.stage.origin}/response/{key}", json={"text": "hi"}) as answer:
                return answer.status

        often, late = (slack.state.triggers.new_response_url(channel=asked.channel, user=alice.id) for _ in range(2))
        assert [await respond(often) for _ in range(6)] == [200] * 5 + [404]
        slack.clock.advance(1801)
        assert await respond(late) == 404
