"""Which places are read afterwards: threads, archives, forums, and none that is quiet or not served."""

import pytest

from bots.discord.places import sent_at
from tests.fakes.discord import Channel, Discord, Person
from tests.platforms.on_discord.catch_up.away import READ, Away, seen


@pytest.mark.promise(24)
async def test_a_mention_in_a_thread_of_others_is_found(away: Away, alice: Person, bob: Person, pond: Channel) -> None:
    talk = await bob.says(pond, "I wonder")
    await bob.opens_thread(talk)
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "what do you say?", thread=talk)

    (heard,) = await away.back(seen(pond, old))

    assert heard.text == "what do you say?"
    assert heard.where.thread == talk.id


@pytest.mark.promise(24)
async def test_a_reply_in_a_thread_that_was_archived_since_is_found(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    old = await alice.mentions(pond, "handled")
    thread = await alice.opens_thread(old)
    await alice.says(pond, "and now?", thread=old)
    thread.archived = True

    assert [message.text for message in await away.back(seen(pond, old))] == ["and now?"]


@pytest.mark.promise(24)
async def test_voice_chats_private_threads_and_forums_are_read_as_well(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    old = await alice.mentions(pond, "handled")
    talk = discord.channel("talk", members=[alice], kind="voice")
    forum = discord.channel("questions", members=[alice], kind="forum")
    psst = await alice.opens_private_thread(pond, "psst", members=(discord.bot.id,))
    await alice.mentions(talk, "in the voice chat")
    await alice.says(psst, "in the private thread")
    post, _ = await alice.posts(forum, "the pond", f"{discord.bot.mention} in the forum")

    heard = await away.back(seen(pond, old))

    assert {(message.text, message.where.channel, message.where.thread) for message in heard} == {
        ("in the voice chat", talk.id, ""),
        ("in the private thread", psst.id, ""),
        ("in the forum", forum.id, post.id),
    }


@pytest.mark.promise(24)
async def test_what_was_said_elsewhere_shortly_before_what_was_heard_last_is_found(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    """A lost connection looks whole for a while, and who was starting meanwhile read the other channel."""
    lake = discord.channel("lake", members=[alice])
    long_ago = await alice.mentions(lake, "long ago")
    discord.clock.advance(3600)
    await alice.mentions(lake, "before")
    heard_last = await alice.mentions(pond, "heard last")

    heard = await away.back(seen(pond, heard_last), since=sent_at(int(long_ago.id)))

    assert [message.text for message in heard] == ["before"]


@pytest.mark.promise(25)
async def test_what_was_edited_into_a_mention_shortly_before_what_was_heard_last_is_not_heard(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    lake = discord.channel("lake", members=[alice])
    long_ago = await alice.mentions(lake, "long ago")
    discord.clock.advance(3600)
    changed = await alice.says(lake, "lunch?")
    heard_last = await alice.mentions(pond, "heard last")
    lost = await alice.says(lake, "lost")
    await alice.edits(changed, f"{discord.bot.mention} delete it")
    await alice.edits(lost, f"{discord.bot.mention} lost")

    heard = await away.back(seen(pond, heard_last), since=sent_at(int(long_ago.id)))

    assert [message.text for message in heard] == ["lost"]


async def test_servers_that_are_not_served_are_not_read(
    discord: Discord, away: Away, alice: Person, pond: Channel
) -> None:
    other = discord.guild("Other", members=[alice])
    old = await alice.mentions(pond, "handled")
    await alice.mentions(discord.channel("elsewhere", members=[alice], guild=other), "not here")
    await alice.mentions(pond, "here")

    heard = await away.back(seen(pond, old), guilds=frozenset({discord.home.id}))

    assert [message.text for message in heard] == ["here"]


@pytest.mark.mistake(23)
async def test_quiet_channels_are_not_even_asked(discord: Discord, away: Away, alice: Person, pond: Channel) -> None:
    for number in range(5):
        await alice.says(discord.channel(f"quiet-{number}", members=[alice]), "long ago")
    discord.clock.advance(3600)
    old = await alice.mentions(pond, "handled")
    await alice.mentions(pond, "missed")

    assert [message.text for message in await away.back(seen(pond, old))] == ["missed"]
    assert {call["channel"] for call in discord.record.calls_of(READ)} == {pond.id}
