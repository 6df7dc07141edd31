"""The loopback Slack against the real slack-bolt and slack-sdk: what people do, and what comes of it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.capture import capture_for
from tests.fakes.slack import render
from tests.fakes.slack.boltapp import Pond, error_of, pond_with_app

Ack = Callable[..., Awaitable[Any]]
QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
CARD: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "May I delete *everything*?"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "yes", "value": "7"},
            {"type": "button", "text": {"type": "plain_text", "text": "Deny"}, "action_id": "no", "value": "7"},
        ],
    },
]
REASON = {
    "type": "modal",
    "callback_id": "reason",
    "title": {"type": "plain_text", "text": "Why?"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_app(capture=capture_for(request.config, "slack")) as pond:
        yield pond
        pond.slack.check_clean()


async def test_a_mention_is_answered_in_its_thread(pond: Pond) -> None:
    @pond.app.event("app_mention")
    async def answer(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="quack", **QUIET)

    asked = await pond.alice.mentions(pond.channel, "hello")
    answered = await pond.slack.message(pond.channel, thread=asked, contains="quack")
    assert pond.alice.sees(pond.channel, thread=asked) == [asked, answered]
    assert render(answered) == "    U0BOT\n    │ quack"


async def test_one_mention_comes_as_two_events(pond: Pond) -> None:
    asked = await pond.alice.mentions(pond.channel, "hello")
    await pond.slack.events.settled()
    events = [envelope.payload for envelope in pond.slack.events.sent]
    assert [body["event"]["type"] for body in events] == ["app_mention", "message"]
    assert {body["event"]["ts"] for body in events} == {asked.ts}
    assert len({body["event_id"] for body in events}) == 2
    assert all(receipt.acked for receipt in pond.slack.events.receipts)


async def test_a_click_opens_a_modal_and_its_answer_changes_the_card(pond: Pond) -> None:
    @pond.app.action("no")
    async def ask_why(ack: Ack, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        place = json.dumps({"channel": body["channel"]["id"], "ts": body["message"]["ts"]})
        await client.views_open(trigger_id=body["trigger_id"], view={**REASON, "private_metadata": place})

    @pond.app.view("reason")
    async def denied(ack: Ack, view: dict[str, Any], client: AsyncWebClient) -> None:
        why = view["state"]["values"]["why"]["text"]["value"]
        if len(why) < 5:
            await ack(response_action="errors", errors={"why": "Say more"})
            return
        await ack()
        await client.chat_update(**json.loads(view["private_metadata"]), text=f"Denied: {why}", blocks=[])

    posted = await pond.client.chat_postMessage(channel=pond.channel.id, text="May I?", blocks=CARD, **QUIET)
    card = await pond.slack.message(pond.channel, contains="May I delete")
    assert (card.ts, card.labels) == (posted["ts"], ["Approve", "Deny"])

    click = await pond.alice.clicks(card, "Deny")
    modal = await pond.slack.until(lambda: pond.alice.modal)
    assert click.acked
    assert modal.text == "Why?\nReason: […]"

    await pond.alice.submits(modal, {"Reason": "no"})
    assert modal.errors == {"why": "Say more"}
    await pond.alice.submits(modal, {"Reason": "too risky"})
    assert pond.alice.modal is None
    await pond.slack.until(lambda: card.text == "Denied: too risky")
    assert card.labels == []


async def test_an_old_client_can_still_click(pond: Pond) -> None:
    seen = []

    @pond.app.action("yes")
    async def approved(ack: Ack, action: dict[str, Any]) -> None:
        await ack()
        seen.append(action["value"])

    posted = await pond.client.chat_postMessage(channel=pond.channel.id, text="May I?", blocks=CARD, **QUIET)
    card = await pond.slack.message(pond.channel)
    old = card.snapshot()
    await pond.client.chat_update(channel=pond.channel.id, ts=posted["ts"], text="Approved", blocks=[])
    with pytest.raises(AssertionError, match="nothing called 'Approve'"):
        await pond.alice.clicks(card, "Approve")
    assert (await pond.alice.clicks(old, "Approve")).acked
    assert seen == ["7"]


async def test_a_command_is_answered_to_one_person_alone(pond: Pond) -> None:
    @pond.app.command("/mallard")
    async def command(ack: Ack, respond: Ack, command: dict[str, Any]) -> None:
        await ack(f"heard {command['text']}")
        await respond(text="and done")

    bob = pond.slack.person("UBOB")
    pond.channel.members.add(bob.id)
    await pond.alice.slash("/mallard", "history", pond.channel)
    await pond.slack.ephemeral(pond.alice, contains="and done")
    await pond.slack.ephemeral(pond.alice, contains="heard history")
    assert sorted(m.text for m in pond.alice.sees(pond.channel)) == ["and done", "heard history"]
    assert bob.sees(pond.channel) == []
    assert (await pond.client.conversations_history(channel=pond.channel.id))["messages"] == []


async def test_home_tab_and_suggested_prompts(pond: Pond) -> None:
    @pond.app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})
        else:
            prompts = [{"title": "Help", "message": "What can you do?"}]
            await client.assistant_threads_setSuggestedPrompts(channel_id=event["channel"], prompts=prompts)

    await pond.alice.opens_home()
    home = await pond.slack.until(lambda: pond.alice.home)
    assert "May I delete" in home.text
    await pond.alice.opens_dm()
    _, prompts = await pond.slack.until(lambda: pond.slack.state.prompts.get(pond.alice.dm.id))
    assert prompts[0].title == "Help"


async def test_a_stream_grows_and_the_stop_button_ends_it(pond: Pond) -> None:
    asked = await pond.alice.dms("tell me a story")
    where: dict[str, Any] = {"channel_id": asked.channel, "thread_ts": asked.ts}
    await pond.client.agents_sessions_setStatus(**where, status="processing", title="A story")
    await pond.client.assistant_threads_setStatus(**where, status="is thinking…")
    assert pond.slack.status_line(asked.channel, asked) == "is thinking…"

    stream = await pond.client.chat_stream(channel=asked.channel, thread_ts=asked.ts, buffer_size=1)
    await stream.append(markdown_text="Once upon ")
    await stream.append(markdown_text="a time")
    story = await pond.slack.message(asked.channel, thread=asked, contains="Once upon a time")
    assert story.is_streaming
    assert pond.slack.status_line(asked.channel, asked) == ""

    await pond.alice.stops(asked.channel, asked)
    assert pond.slack.events.sent[-1].payload["event"]["streaming_message_ts"] == [story.ts]
    error = await error_of(stream.append(markdown_text=" there was"))
    assert error == "message_not_in_streaming_state"
    session = pond.slack.session(asked.channel, asked)
    assert session is not None
    assert (session.title, session.status) == ("A story", "processing")


async def test_a_stream_ends_with_blocks_and_a_session_status(pond: Pond) -> None:
    asked = await pond.alice.mentions(pond.channel, "go")
    stream = await pond.client.chat_stream(
        channel=pond.channel.id, thread_ts=asked.ts, recipient_user_id="UALICE", recipient_team_id="T1"
    )
    task = {"type": "task_update", "id": "1", "title": "Searching", "status": "complete"}
    await stream.append(chunks=[task])
    await stream.stop(markdown_text="Found it.", blocks=CARD, session_status="suspended")
    done = await pond.slack.message(pond.channel, thread=asked, contains="(complete) Searching\nFound it.")
    assert done.labels == ["Approve", "Deny"]
    assert not done.is_streaming


async def test_files_go_both_ways(pond: Pond) -> None:
    await pond.client.files_upload_v2(channel=pond.channel.id, filename="out.txt", content="long output")
    posted = await pond.slack.message(pond.channel, contains="[file out.txt]")
    assert posted.files[0].text == "long output"

    sent = await pond.alice.says(pond.channel, "look", files={"in.txt": b"a question"})
    file = (await pond.client.files_info(file=sent.files[0].id))["file"]
    async with aiohttp.ClientSession() as session:
        bearer = {"Authorization": f"Bearer {pond.slack.bot_token}"}
        async with session.get(file["url_private"], headers=bearer) as answer:
            assert await answer.read() == b"a question"
        async with session.get(file["url_private"]) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")


async def test_catching_up_reads_history_and_replies(pond: Pond) -> None:
    first = await pond.alice.says(pond.channel, "first")
    await pond.alice.says(pond.channel, "a reply", thread=first)
    second = await pond.alice.says(pond.channel, "second")
    key = {"event_type": "delivery", "event_payload": {"key": "d1"}}
    await pond.client.chat_postMessage(channel=pond.channel.id, thread_ts=first.ts, text="mine", metadata=key, **QUIET)
    past = await pond.client.conversations_history(channel=pond.channel.id, limit=1)
    assert [m["ts"] for m in past["messages"]] == [second.ts]
    cursor = past["response_metadata"]["next_cursor"]
    past = await pond.client.conversations_history(channel=pond.channel.id, cursor=cursor)
    assert [(m["ts"], m["reply_count"]) for m in past["messages"]] == [(first.ts, 2)]
    thread = await pond.client.conversations_replies(channel=pond.channel.id, ts=first.ts, include_all_metadata=True)
    assert [m["text"] for m in thread["messages"]] == ["first", "a reply", "mine"]
    assert thread["messages"][2]["metadata"] == key


async def test_what_is_typed_arrives_escaped_and_mentions_arrive_whole(pond: Pond) -> None:
    said = await pond.alice.says(pond.channel, "1 < 2 & <@UBOB>")
    assert said.fallback == "1 &lt; 2 &amp; <@UBOB>"
    assert said.text == "1 < 2 & <@UBOB>"
    assert said.pings == ("<@UBOB>", "<@UBOB>")


async def test_guests_of_another_team_say_so(pond: Pond) -> None:
    eve = pond.slack.person("UEVE", team="T2")
    shared = pond.slack.channel("shared", members=[pond.alice, eve])
    await eve.mentions(shared, "let me in")
    body = pond.slack.events.sent[0].payload
    assert body["is_ext_shared_channel"]
    assert body["event"]["user_team"] == "T2"
