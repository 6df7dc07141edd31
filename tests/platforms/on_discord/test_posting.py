"""What Mallard says: posted once, found again, changed however old, and never a ping."""

import pytest

from bots.discord import DiscordPlatform
from bots.discord.places import mark_of
from runtime.contents import Content, Entry, File, Page, Text
from runtime.errors import PlatformUnavailable
from runtime.records import MessageRef
from tests.fakes.discord import Channel, Discord, Message, Permission, Person
from tests.platforms.on_discord.conftest import LoopbackClock, place, started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

POST, PATCH = "POST /channels/{channel}/messages", "PATCH /channels/{channel}/messages/{message}"
OPEN, READ = "POST /channels/{channel}/messages/{message}/threads", "GET /channels/{channel}/messages"


CONTENTS: tuple[Content, ...] = (
    Text(markdown="# Hello\n\nThe **pond** is `large`."),
    card(),
    decided(),
    Page(title="History", entries=(Entry(text="run 1 <done>", detail="by & by", token="t1"),), older="t2"),
    File(name="answer.md", text="very long", comment="The whole of it"),
)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
async def test_every_content_stands_in_the_thread_and_is_found_by_its_key(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel, content: Content
) -> None:
    since, where = LoopbackClock(discord).now(), place(discord, pond, asked)

    posted = await platform.post(where, content, key="delivery-1")

    (stands,) = discord.answers(pond, asked)
    assert posted == MessageRef(where=where, id=f"{asked.id}/{stands.id}")
    assert stands.is_v2
    assert await platform.find_posted(where, "delivery-1", since) == posted
    assert await platform.find_posted(where, "delivery-2", since) is None


@pytest.mark.promise(28)
@pytest.mark.mistake(17)
@pytest.mark.mistake(18)
async def test_nothing_that_a_model_writes_notifies_anybody_or_loads_anything(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel, alice: Person
) -> None:
    where = place(discord, pond, asked)
    role = discord.home.role_of(discord.bot.id)
    evil = (
        f"@everyone @here {alice.mention} {role.mention} <#{pond.id}> https://evil.example ![x](https://evil.example)"
    )

    await platform.post(where, Text(markdown=evil), key="1")
    await platform.post(where, card(title=evil, claim=evil, why_asked=evil, deciders=evil, requested_by=evil), key="2")
    await platform.post(where, Page(title=evil, entries=(Entry(text=evil, detail=evil),), note=evil), key="3")
    edited = await platform.post(where, File(name="a.txt", text=evil, comment=evil), key="4")
    await platform.edit(edited, Text(markdown=evil))

    for message in discord.answers(pond, asked):
        assert message.pings == ()
        assert message.embeds == []
    for call in (*discord.record.calls_of(POST), *discord.record.calls_of(PATCH)):
        assert call["allowed_mentions"] == {"parse": []}


async def test_what_no_chat_carries_is_left_out(discord: Discord, platform: DiscordPlatform, alice: Person) -> None:
    await platform.post(place(discord, alice.dm), Text(markdown="a\x00\x1b\ud800b\n"), key="1")

    assert discord.answers(alice.dm)[0].text.strip() == "ab"


@pytest.mark.promise(1)
@pytest.mark.mistake(9)
@pytest.mark.mistake(10)
async def test_a_card_is_changed_to_its_closed_form_however_old_it_is(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    since, where = LoopbackClock(discord).now(), place(discord, pond, asked)
    posted = await platform.post(where, card(), key="1")
    stands = discord.answers(pond, asked)[0]
    assert stands.labels == ["Approve", "Always allow", "Deny", "Change…", "Show everything"]

    discord.clock.advance(3600 * 24 * 40)
    await platform.edit(posted, decided())

    assert stands.labels == []
    assert "Approved by bob" in stands.text
    assert stands.components[0]["id"] == mark_of("1")
    assert await platform.find_posted(where, "1", since) == posted


@pytest.mark.promise(10)
@pytest.mark.mistake(9)
async def test_a_card_of_an_earlier_process_is_changed_by_its_ref_alone(
    discord: Discord, door: RecordingDoor, pond: Channel, alice: Person
) -> None:
    asked = await alice.mentions(pond, "how large?")
    async with started(discord, door) as platform:
        posted = await platform.post(place(discord, pond, asked), card(), key="1")
    async with started(discord, door) as platform:
        await platform.edit(posted, decided())

    assert discord.answers(pond, asked)[0].labels == []


async def test_a_file_that_is_changed_keeps_its_file(
    discord: Discord, platform: DiscordPlatform, asked: Message, pond: Channel
) -> None:
    where = place(discord, pond, asked)
    posted = await platform.post(where, File(name="a.txt", text="long", comment="one"), key="1")

    await platform.edit(posted, File(name="a.txt", text="long", comment="two"))

    (answer,) = discord.answers(pond, asked)
    assert answer.text.startswith("two")
    assert [file.content for file in answer.attachments] == [b"long"]


@pytest.mark.mistake(25)
async def test_a_place_that_may_not_be_read_now_is_looked_at_later(
    discord: Discord, platform: DiscordPlatform, pond: Channel
) -> None:
    discord.deny(pond, discord.bot.id, Permission.VIEW_CHANNEL)

    with pytest.raises(PlatformUnavailable):
        await platform.find_posted(place(discord, pond), "k", LoopbackClock(discord).now())


@pytest.mark.promise(31)
async def test_a_message_is_found_among_many_and_only_if_it_is_ours(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    since = LoopbackClock(discord).now()
    where = place(discord, alice.dm)
    posted = await platform.post(where, Text(markdown="one"), key="1")
    for number in range(120):
        await alice.dms(str(number))
    late = await platform.post(where, Text(markdown="two"), key="2")

    assert await platform.find_posted(where, "1", since) == posted
    assert await platform.find_posted(where, "2", since) == late
    assert len(discord.record.calls_of(READ)) >= 3
