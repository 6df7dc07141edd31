"""Which conversation a message belongs to: a thread, a direct message, a post in a forum."""

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.records import ConversationRef
from tests.fakes.discord import Discord
from tests.platforms.recording import RecordingDoor


@pytest.mark.mistake(16)
async def test_a_request_and_what_is_said_in_its_thread_are_one_conversation(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    asked = await alice.mentions(pond, "how large is the pond?")
    where = (await door.heard()).where
    await platform.post(where, Text(markdown="large"), key="k1")

    await alice.says(pond, "how large?", thread=asked)
    reply = await door.heard(2)
    thread = discord.thread_of(asked)

    assert reply.where == where
    assert not reply.addressed
    assert reply.text == "how large?"
    assert thread is not None
    assert thread.name == "how large is the pond?"
    assert not discord.record.calls_of("GET /channels/{channel}/messages/{message}")


@pytest.mark.mistake(16)
async def test_direct_messages_are_one_conversation_that_nobody_else_reads(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")

    await alice.dms("hello")
    await alice.dms("and then?")
    await door.heard(2)

    assert {message.where for message in door.received} == {ConversationRef(platform="discord", channel=alice.dm.id)}
    assert all(message.direct and message.addressed for message in door.received)


@pytest.mark.mistake(16)
async def test_a_thread_that_nobody_told_us_of_is_asked_for_and_order_is_kept(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    root = await alice.mentions(pond, "nice weather")
    await door.heard()
    discord.gateway.hold("THREAD_CREATE")
    thread = await alice.opens_thread(root)
    asking = discord.hold("GET /channels/{channel}")

    for number in range(3):
        await alice.says(thread, f"reply {number}")
    await asking.arrived()
    await alice.mentions(pond, "and elsewhere it goes on")
    assert (await door.heard(2)).text == "and elsewhere it goes on"
    asking.release()
    await door.heard(5)

    assert [message.text for message in door.received[2:]] == ["reply 0", "reply 1", "reply 2"]
    assert {message.where.thread for message in door.received[2:]} == {thread.id}
    assert len(discord.record.calls_of("GET /channels/{channel}", channel=thread.id)) == 1


async def test_a_message_whose_place_cannot_be_known_holds_up_no_other(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    root = await alice.mentions(pond, "nice weather")
    await door.heard()
    discord.gateway.hold("THREAD_CREATE")
    thread = await alice.opens_thread(root)
    discord.fail("GET /channels/{channel}", status=503)
    discord.fail("GET /channels/{channel}", 50001)

    await alice.says(thread, "first")
    await alice.says(thread, "second")

    assert (await door.heard(2)).text == "second"
    assert f"a message in channel {thread.id} is left alone" in caplog.text


async def test_a_private_thread_is_a_conversation_of_its_own(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    secret = await alice.opens_private_thread(pond, "secret", members=(discord.bot.id,))

    await alice.mentions(secret, "between us")

    where = (await door.heard()).where
    assert (where.channel, where.thread) == (secret.id, "")


async def test_a_post_in_a_forum_is_asked_and_answered_in_its_thread(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    forum = discord.channel("forum", kind="forum", members=[alice])

    post, first = await alice.posts(forum, "How large?", f"{discord.bot.mention} how large is the pond?")

    heard = await door.heard()
    assert heard.text == "how large is the pond?"
    assert (heard.where.channel, heard.where.thread) == (forum.id, post.id)
    assert heard.id == first.id
