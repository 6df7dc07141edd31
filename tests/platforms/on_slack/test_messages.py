"""What people say reaches the door, once each, and nothing else does."""

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Text
from runtime.records import ConversationRef, UserRef
from tests.fakes.slack import BOT, Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(23)
async def test_a_mention_comes_in_with_its_thread_its_author_and_without_our_name(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    said = await alice.mentions(pond, "is <@UBOB> here &amp; awake?")
    heard = await door.heard()

    assert heard.id == said.ts
    assert heard.where == ConversationRef(platform="slack", space="T1", channel=pond.id, thread=said.ts)
    assert heard.author == UserRef(platform="slack", space="T1", id="UALICE")
    assert heard.text.startswith("is @UBOB here &")
    assert heard.addressed
    assert not heard.direct
    assert heard.sent_at.timestamp() == pytest.approx(float(said.ts))


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_the_mention_and_the_message_event_of_one_message_have_one_id(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    await alice.mentions(pond, "hello")
    await door.heard(2)

    first, second = door.received
    assert first.id == second.id
    assert first.where == second.where
    assert first.addressed
    assert second.addressed


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_an_event_that_slack_delivers_again_has_the_same_id_each_time(slack: Slack, door: RecordingDoor) -> None:
    slack.events.copies = 2
    async with started(slack, door):
        said = await slack.person("UALICE").dms("hello")
        await door.heard(2)
    async with started(slack, door):
        await slack.events.redeliver(str(slack.events.sent[0].event_id), attempt=2)
        await door.heard(3)

    assert {message.id for message in door.received} == {said.ts}
    assert len({message.where for message in door.received}) == 1


@pytest.mark.mistake(16)
async def test_each_top_level_dm_opens_a_thread_and_replies_stay_in_it(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")

    first = await alice.dms("hello")
    reply = await alice.dms("and then?", thread=first)
    other = await alice.dms("something else")
    await door.heard(3)

    by_id = {message.id: message for message in door.received}
    assert by_id[first.ts].where.thread == by_id[reply.ts].where.thread == first.ts
    assert by_id[other.ts].where.thread == other.ts
    assert all(message.direct and message.addressed for message in door.received)


async def test_a_thread_reply_that_names_nobody_says_so(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    root = await alice.says(pond, "nice weather")

    await alice.says(pond, "is it?", thread=root)
    heard = await door.heard()

    assert heard.text == "is it?"
    assert not heard.addressed
    assert heard.where.thread == root.ts


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_own_words_other_bots_edits_joins_and_deletions_start_nothing(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice, robot = slack.person("UALICE"), slack.other_bot("UROBOT")
    pond = slack.channel("pond", members=[alice, robot])
    where = ConversationRef(platform="slack", space="T1", channel=pond.id)

    await robot.says(pond, f"<@{BOT.id}> do something")
    said = await alice.says(pond, "just talking")
    await alice.edits(said, f"<@{BOT.id}> just talking")
    await alice.deletes(said)
    await slack.person("UCAROL").joins(pond)
    await platform.post(where, Text(markdown="our own words"), key="k1")
    await alice.mentions(pond, "the only one for us")

    await door.heard(2)
    await slack.events.settled()
    assert {message.text for message in door.received} == {"the only one for us"}
    assert all(receipt.acked for receipt in slack.events.receipts)


@pytest.mark.mistake(15)
async def test_files_and_broadcast_replies_are_messages(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    root = await alice.says(pond, "root")

    await alice.dms("look", files={"note.txt": b"quack"})
    with_file = await door.heard()
    await alice.mentions(pond, "for all", thread=root, broadcast=True)
    await door.heard(2)

    assert with_file.attachments[0].name == "note.txt"
    assert with_file.attachments[0].size == 5
    assert door.received[1].where.thread == root.ts


@pytest.mark.mistake(26)
async def test_people_of_a_connected_workspace_keep_their_own_team(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    stranger = slack.person("UFAR", team="T2")
    shared = slack.channel("shared", members=[stranger])

    await stranger.mentions(shared, "hello from afar")
    heard = await door.heard()

    assert heard.author == UserRef(platform="slack", space="T2", id="UFAR")
    assert heard.where.space == "T1"


async def test_a_bare_mention_asks_for_help(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    await alice.says(pond, f"<@{BOT.id}>")

    assert (await door.heard()).text == "help"


@pytest.mark.mistake(24)
async def test_two_messages_of_a_thread_reach_the_door_in_order(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    root = await alice.dms("zero")

    for number in range(1, 10):
        await alice.dms(str(number), thread=root)
    await door.heard(10)

    assert [message.text for message in door.received] == ["zero", *map(str, range(1, 10))]
