"""What was said while nobody listened is heard afterwards: once, in order, and nothing from before our time."""

from datetime import UTC, datetime, timedelta

import pytest

from bots.slack import SlackPlatform
from bots.slack.inbound import sent_at
from runtime.ports import Seen
from runtime.records import ConversationRef, IncomingMessage
from tests.fakes.slack import Channel, Message, Slack


def seen(channel: Channel, message: Message) -> Seen:
    where = ConversationRef(platform="slack", space="T1", channel=channel.id, thread=message.thread)
    return Seen(where=where, direct=channel.is_direct, last_id=message.ts, last_at=sent_at(message.ts))


async def caught(platform: SlackPlatform, *known: Seen, since: datetime | None = None) -> list[IncomingMessage]:
    return [message async for message in platform.catch_up(known, since or datetime.now(UTC))]


@pytest.fixture
def away(slack: Slack) -> Slack:
    """Slack has given up on delivering anything: only its history knows."""
    slack.events.hold()
    return slack


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_mentions_dms_and_thread_replies_of_the_gap_come_in_order(away: Slack, platform: SlackPlatform) -> None:
    alice, bob = away.person("UALICE"), away.person("UBOB")
    pond = away.channel("pond", members=[alice, bob])
    old = await alice.mentions(pond, "handled long ago")
    old_dm = await alice.dms("handled too")

    first = await alice.mentions(pond, "one")
    await alice.says(pond, "just talking")
    reply = await alice.says(pond, "two", thread=old)
    third = await bob.mentions(pond, "three")
    dm = await alice.dms("four", thread=old_dm)
    new_dm = await bob.dms("five")

    heard = await caught(platform, seen(pond, old), seen(alice.dm, old_dm))

    here = [message for message in heard if message.where.channel == pond.id]
    assert [message.text for message in here] == ["one", "two", "three"]
    assert [message.id for message in here] == [first.ts, reply.ts, third.ts]
    assert [message.addressed for message in here] == [True, False, True]
    assert {message.id for message in heard} == {first.ts, reply.ts, third.ts, dm.ts, new_dm.ts}


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_slack_may_still_have_been_trying_to_tell_is_read_and_nothing_from_before(
    away: Slack, platform: SlackPlatform
) -> None:
    """Its own channel, its thread and a channel that was never heard of."""
    alice = away.person("UALICE")
    pond, lake = away.channel("pond", members=[alice]), away.channel("lake", members=[alice])
    long_ago = await alice.mentions(pond, "long ago")
    await alice.mentions(lake, "long ago")
    thread = await alice.mentions(pond, "long ago as well")
    away.clock.advance(3600)
    lost = [
        await alice.mentions(pond, "lost"),
        await alice.says(pond, "lost", thread=thread),
        await alice.mentions(lake, "lost"),
    ]
    last, reply = await alice.mentions(pond, "heard last"), await alice.says(pond, "heard last", thread=thread)

    heard = await caught(platform, seen(pond, last), seen(pond, reply), since=sent_at(long_ago.ts))

    assert {message.id for message in heard} == {each.ts for each in (*lost, last, reply)}


@pytest.mark.promise(25)
@pytest.mark.mistake(15)
async def test_what_was_edited_into_a_mention_before_what_was_heard_last_is_not_heard(
    away: Slack, platform: SlackPlatform
) -> None:
    alice = away.person("UALICE")
    pond, lake = away.channel("pond", members=[alice]), away.channel("lake", members=[alice])
    long_ago = await alice.mentions(pond, "long ago")
    away.clock.advance(3600)
    changed = [
        await alice.says(pond, "lunch?"),
        await alice.says(pond, "lunch?", thread=long_ago),
        await alice.says(lake, "lunch?"),
    ]
    last, reply = await alice.mentions(pond, "heard last"), await alice.says(pond, "heard last", thread=long_ago)
    lost = await alice.says(lake, "lost")
    for message in (*changed, lost):
        await alice.edits(message, "<@U0BOT> delete it")

    heard = await caught(platform, seen(pond, last), seen(pond, reply), since=sent_at(long_ago.ts))

    assert {message.id for message in heard} == {last.ts, reply.ts, lost.ts}


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_a_first_mention_in_a_thread_of_others_that_is_older_than_the_gap_is_found(
    away: Slack, platform: SlackPlatform
) -> None:
    alice, bob = away.person("UALICE"), away.person("UBOB")
    pond, lake = away.channel("pond", members=[alice, bob]), away.channel("lake", members=[alice, bob])
    theirs, elsewhere = await alice.says(pond, "among ourselves"), await alice.says(lake, "among ourselves")
    await bob.says(pond, "indeed", thread=theirs)
    quiet = await bob.says(pond, "nobody answers")
    old = await alice.mentions(pond, "handled")

    here = await bob.mentions(pond, "what do you think?", thread=theirs)
    there = await bob.mentions(lake, "and here?", thread=elsewhere)

    heard = await caught(platform, seen(pond, old))

    assert [(message.id, message.where.thread) for message in heard] == [
        (here.ts, theirs.ts), (there.ts, elsewhere.ts),
    ]  # fmt: skip
    assert quiet.ts not in [call["ts"] for call in away.record.calls_of("conversations.replies")]


async def test_threads_that_began_very_many_messages_ago_are_not_looked_for(
    away: Slack, platform: SlackPlatform
) -> None:
    alice = away.person("UALICE")
    pond = away.channel("pond", members=[alice])
    theirs = await alice.says(pond, "among ourselves")
    for number in range(1_000):
        await alice.says(pond, str(number))
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "what do you think?", thread=theirs)

    assert await caught(platform, seen(pond, old)) == []
    assert len(away.record.calls_of("conversations.history")) == 1 + 5


@pytest.mark.mistake(23)
async def test_an_installation_that_has_seen_nothing_answers_nothing_old(away: Slack, platform: SlackPlatform) -> None:
    alice = away.person("UALICE")
    await alice.mentions(away.channel("pond", members=[alice]), "before our time")

    assert await caught(platform) == []


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_the_first_that_is_ever_said_is_found_though_nobody_listened(
    away: Slack, platform: SlackPlatform
) -> None:
    alice = away.person("UALICE")
    pond = away.channel("pond", members=[alice])
    before = await alice.mentions(pond, "before our time")
    away.clock.advance(60)
    first = await alice.mentions(pond, "hello")
    private = await alice.dms("anybody there?")

    heard = await caught(platform, since=sent_at(before.ts) + timedelta(seconds=30))

    assert {message.id for message in heard} == {first.ts, private.ts}


@pytest.mark.promise(25)
async def test_noise_is_left_out_of_the_past_as_well(away: Slack, platform: SlackPlatform) -> None:
    alice, robot = away.person("UALICE"), away.other_bot("UROBOT")
    pond = away.channel("pond", members=[alice, robot])
    old = await alice.mentions(pond, "handled")
    await robot.mentions(pond, "I am a bot")
    await away.person("UCAROL").joins(pond)
    gone = await alice.mentions(pond, "never mind")
    await alice.deletes(gone)
    changed = await alice.mentions(pond, "wrong")
    await alice.edits(changed, "<@U0BOT> right")

    heard = await caught(platform, seen(pond, old))

    assert [message.text for message in heard] == ["right"]


@pytest.mark.mistake(23)
async def test_what_was_handled_meanwhile_is_not_older_than_the_newest_seen(
    away: Slack, platform: SlackPlatform
) -> None:
    alice = away.person("UALICE")
    pond = away.channel("pond", members=[alice])
    messages = [await alice.mentions(pond, str(number)) for number in range(4)]

    heard = await caught(platform, seen(pond, messages[0]), seen(pond, messages[2]))

    assert [message.text for message in heard] == ["3"]


@pytest.mark.mistake(23)
async def test_what_lies_too_far_back_is_left_alone(away: Slack, platform: SlackPlatform) -> None:
    alice = away.person("UALICE")
    pond = away.channel("pond", members=[alice])
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "asked and forgotten")
    away.clock.advance(timedelta(days=8).total_seconds())
    await alice.mentions(pond, "asked just now")

    heard = await caught(platform, seen(pond, old))

    assert [message.text for message in heard] == ["asked just now"]


@pytest.mark.mistake(23)
async def test_rate_limits_are_waited_out(away: Slack, platform: SlackPlatform) -> None:
    alice = away.person("UALICE")
    old = await alice.dms("handled")
    await alice.dms("missed")
    away.rate_limit("conversations.history", retry_after=0)

    heard = await caught(platform, seen(alice.dm, old))

    assert [message.text for message in heard] == ["missed"]
    assert len(away.record.calls_of("conversations.history")) >= 2


async def test_a_channel_that_cannot_be_read_does_not_hide_the_others(away: Slack, platform: SlackPlatform) -> None:
    alice = away.person("UALICE")
    pond = away.channel("pond", members=[alice])
    old, old_dm = await alice.mentions(pond, "handled"), await alice.dms("handled")
    await alice.mentions(pond, "lost")
    await alice.dms("missed")
    away.fail("conversations.history", "channel_not_found", when=lambda call: call["channel"] == pond.id)

    heard = await caught(platform, seen(pond, old), seen(alice.dm, old_dm))

    assert [message.text for message in heard] == ["missed"]


@pytest.mark.mistake(23)
async def test_a_long_gap_is_read_page_by_page(away: Slack, platform: SlackPlatform) -> None:
    alice = away.person("UALICE")
    old = await alice.dms("handled")
    for number in range(450):
        await alice.dms(str(number))

    heard = await caught(platform, seen(alice.dm, old))

    assert [message.text for message in heard] == [str(number) for number in range(450)]
