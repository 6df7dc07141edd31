"""What people say reaches the door, once each, and nothing else does."""

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.errors import DatabaseUnusable
from runtime.records import ConversationRef, UserRef
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(23)
async def test_a_mention_comes_in_with_its_thread_its_author_and_without_our_name(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")
    pond = discord.channel("pond", members=[alice, bob])

    said = await alice.mentions(pond, f"is {bob.mention} here & awake?")
    heard = await door.heard()

    assert heard.id == said.id
    assert heard.where == ConversationRef(platform="discord", space=discord.home.id, channel=pond.id, thread=said.id)
    assert heard.author == UserRef(platform="discord", id=alice.id)
    assert heard.author_name == "Alice"
    assert heard.text == "is @Bob here & awake?"
    assert heard.addressed
    assert not heard.direct
    assert heard.sent_at.timestamp() == pytest.approx(discord.clock.now(), abs=1)


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_a_message_that_discord_tells_of_again_has_the_same_id_each_time(
    discord: Discord, door: RecordingDoor
) -> None:
    discord.gateway.copies = 2
    async with started(discord, door):
        said = await discord.person("alice").dms("hello")
        await door.heard(2)

    assert {message.id for message in door.received} == {said.id}
    assert len({message.where for message in door.received}) == 1


async def test_our_role_and_a_reply_to_us_are_ways_to_speak_to_us(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    (role,) = [role for role in discord.home.roles.values() if role.bot == discord.bot.id]
    where = ConversationRef(platform="discord", space=discord.home.id, channel=pond.id)
    await platform.post(where, Text(markdown="I am here"), key="k1")
    (ours,) = discord.answers(pond)

    await alice.says(pond, f"<@&{role.id}> how large is the pond?")
    await alice.replies(ours, "and how deep?")
    await alice.replies(ours, "never mind", ping=False)
    await alice.mentions(pond, "that is all")
    await door.heard(3)

    assert [message.text for message in door.received] == ["how large is the pond?", "and how deep?", "that is all"]
    assert all(message.addressed for message in door.received)


@pytest.mark.promise(25)
@pytest.mark.mistake(14)
@pytest.mark.mistake(15)
async def test_own_words_other_bots_edits_notes_and_deletions_start_nothing(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice, robot = discord.person("alice"), discord.other_bot("robot")
    pond = discord.channel("pond", members=[alice, robot])
    where = ConversationRef(platform="discord", space=discord.home.id, channel=pond.id)

    await robot.mentions(pond, "do something")
    await alice.mentions(pond, "through a webhook", webhook="77")
    for kind in (6, 7, 18, 21):
        await alice.mentions(pond, f"a note of kind {kind}", type=kind)
    said = await alice.says(pond, "just talking")
    await alice.edits(said, f"{discord.bot.mention} just talking")
    await alice.deletes(said)
    await platform.post(where, Text(markdown="our own words"), key="k1")
    await alice.mentions(pond, "the only one for us")
    await door.heard()

    await alice.dms("the last one")
    await door.heard(2)
    assert [message.text for message in door.received] == ["the only one for us", "the last one"]


@pytest.mark.mistake(15)
async def test_a_file_alone_is_a_message(discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> None:
    await discord.person("alice").dms("", files={"note.txt": b"quack"})

    (file,) = (await door.heard()).attachments

    assert (file.name, file.size, file.media_type) == ("note.txt", 5, "text/plain")
    assert (await platform.fetch(file)).text == "quack"


async def test_a_bare_mention_asks_for_help(discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> None:
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])

    await alice.says(pond, discord.bot.mention)

    assert (await door.heard()).text == "help"


async def test_without_the_intent_threads_are_heard_where_they_name_us(discord: Discord, door: RecordingDoor) -> None:
    discord.state.message_content = False
    alice = discord.person("alice")
    pond = discord.channel("pond", members=[alice])
    async with started(discord, door) as platform:
        asked = await alice.mentions(pond, "how large is the pond?")
        await platform.post((await door.heard()).where, Text(markdown="large"), key="k1")
        await alice.says(pond, "how large?", thread=asked)
        await alice.mentions(pond, "how large?", thread=asked)
        await door.heard(2)
        await alice.dms("and how deep?")
        await door.heard(3)

    assert [message.text for message in door.received] == ["how large is the pond?", "how large?", "and how deep?"]


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
async def test_a_message_that_the_door_cannot_commit_is_brought_again_and_before_later_ones(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    door.trouble.append(DatabaseUnusable("the disk is full"))

    await alice.dms("first")
    await alice.dms("second")
    await door.heard(2)

    assert [message.text for message in door.received] == ["first", "second"]


@pytest.mark.mistake(24)
async def test_messages_of_one_channel_reach_the_door_in_order(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    alice, bob = discord.person("alice"), discord.person("bob")

    for number in range(20):
        await alice.dms(str(number))
        await bob.dms(f"bob {number}")
    await door.heard(40)

    texts = [message.text for message in door.received]
    assert [text for text in texts if not text.startswith("bob")] == [str(number) for number in range(20)]
    assert [text for text in texts if text.startswith("bob")] == [f"bob {number}" for number in range(20)]


@pytest.mark.promise(20)
async def test_a_server_that_is_not_served_is_left_alone(
    discord: Discord, door: RecordingDoor, caplog: pytest.LogCaptureFixture
) -> None:
    alice = discord.person("alice")
    other = discord.guild("other", members=[alice])
    pond, far = discord.channel("pond", members=[alice]), discord.channel("far", members=[alice], guild=other)
    caplog.set_level("INFO")

    async with started(discord, door, guilds=frozenset({discord.home.id})):
        await alice.mentions(far, "not for us")
        await alice.mentions(far, "nor this")
        await alice.mentions(pond, "for us")
        await door.heard()
        await alice.dms("and this")
        await door.heard(2)

    assert [message.text for message in door.received] == ["for us", "and this"]
    assert caplog.text.count(f"server {other.id} is left alone") == 1


async def test_every_unknown_event_is_let_pass(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    for session in discord.gateway.sessions.attached:
        session.tell("FUTURE_THING_CREATE", {"x": 1})
    await discord.person("alice").dms("still there?")

    assert (await door.heard()).text == "still there?"
