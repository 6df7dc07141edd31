"""People, places and what is read there: the loopback Discord against the real discord.py."""

from collections.abc import AsyncIterator

import discord
import pytest

from tests.fakes.capture import capture_for
from tests.fakes.discord.botapp import NONE, Pond, Shown, code_of, pond_with_bot
from tests.fakes.discord.rawclient import raw_client

CARD = {"type": 17, "id": 123456789, "components": [{"type": 10, "content": "May I?"}]}


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_bot(capture=capture_for(request.config, "discord")) as pond:
        yield pond
        pond.discord.check_clean()


async def test_files_come_and_go(pond: Pond) -> None:
    await pond.alice.mentions(pond.channel, "read this", files={"notes.txt": b"all ducks"})
    [message] = await pond.heard()
    assert await message.attachments[0].read() == b"all ducks"
    assert (message.attachments[0].filename, message.attachments[0].content_type) == ("notes.txt", "text/plain")
    pond.discord.clock.advance(25 * 3600)
    with pytest.raises(discord.NotFound):
        await message.attachments[0].read()
    fresh = await message.channel.fetch_message(message.id)
    assert await fresh.attachments[0].read() == b"all ducks"

    file = discord.File(__file__, filename="answer.md")
    shown = Shown({"type": 10, "content": "whole"}, {"type": 13, "file": {"url": "attachment://answer.md"}})
    sent = await pond.bot.at(pond.channel).send(view=shown, file=file)
    answer = await pond.discord.message(pond.channel, contains="whole")
    assert answer.text == "whole\n[file answer.md]"
    part = sent.components[1]
    assert isinstance(part, discord.FileComponent)
    assert (part.name, part.media.url) == ("answer.md", sent.attachments[0].url)
    await sent.edit(view=Shown({"type": 10, "content": "shorter"}), allowed_mentions=NONE)
    assert len(answer.attachments) == 1


async def test_history_is_read_in_pages_without_nonces(pond: Pond) -> None:
    first = await pond.bot.at(pond.channel).send(view=Shown(CARD), nonce="deadbeef.1")
    for number in range(120):
        await pond.alice.says(pond.channel, f"line {number}")
    hold = pond.bot.at(pond.channel)
    read = [m async for m in hold.history(after=discord.Object(first.id - 1), oldest_first=True, limit=None)]
    assert (len(read), read[0].id, read[-1].content) == (121, first.id, "line 119")
    assert read[0].nonce is None
    assert isinstance(read[0].components[0], discord.Container)
    assert read[0].components[0].id == 123456789
    assert [m.content async for m in hold.history(limit=2)] == ["line 119", "line 118"]
    middle = [m.content async for m in hold.history(around=discord.Object(read[60].id), limit=3)]
    assert middle == ["line 60", "line 59", "line 58"]
    calls = pond.discord.record.calls_of("GET /channels/{channel}/messages")
    assert [call.get("limit") for call in calls] == ["100", "100", "2", "3"]


async def test_history_may_come_without_the_numbers_of_its_components(pond: Pond) -> None:
    pond.discord.state.keeps_component_ids = False
    sent = await pond.bot.at(pond.channel).send(view=Shown(CARD))
    read = await pond.bot.at(pond.channel).fetch_message(sent.id)
    containers = [message.components[0] for message in (sent, read)]
    assert [part.id for part in containers if isinstance(part, discord.Container)] == [123456789, 1]


async def test_people_reply_mention_roles_edit_and_delete(pond: Pond) -> None:
    said = await pond.bot.at(pond.channel).send("quack")
    spoken = pond.discord.messages(pond.channel)[0]
    await pond.alice.replies(spoken, "and now?")
    await pond.alice.replies(spoken, "softly", ping=False)
    role = pond.discord.home.role_of(pond.discord.bot.id)
    await pond.alice.says(pond.channel, f"{role.mention} hello")
    loud, soft, named = await pond.heard(3)
    assert loud.reference is not None
    assert loud.reference.message_id == said.id
    assert [bool(m.mentions) for m in (loud, soft, named)] == [True, False, False]
    assert [r.id for r in named.role_mentions] == [int(role.id)]
    typo = await pond.alice.says(pond.channel, "tpyo")
    await pond.alice.edits(typo, "typo")
    await pond.alice.deletes(typo)
    await pond.discord.until(lambda: "MESSAGE_DELETE" in pond.bot.events)
    assert pond.bot.events[-3:] == ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"]
    assert await code_of(pond.bot.at(pond.channel).fetch_message(int(typo.id))) == 10008


async def test_threads_forums_and_private_ones(pond: Pond) -> None:
    forum = pond.discord.channel("forum", kind="forum")
    news = pond.discord.channel("news", kind="announcement")
    post, first = await pond.alice.posts(forum, "help", f"{pond.discord.bot.mention} please")
    private = await pond.alice.opens_private_thread(pond.channel, "secret")
    await pond.alice.says(private, "not for you")
    await pond.alice.adds_bot(private)
    await pond.alice.says(private, "for you")
    under = await pond.alice.opens_thread(await pond.alice.says(news, "extra"))
    await pond.alice.says(under, "read all about it")
    heard = {m.content: m for m in await pond.heard(4)}
    assert post.id == first.id
    assert "not for you" not in heard
    kinds = [str(heard[text].channel.type) for text in (first.text, "for you", "extra", "read all about it")]
    assert kinds == ["public_thread", "private_thread", "news", "news_thread"]
    parent = heard[first.text].channel
    assert isinstance(parent, discord.Thread)
    assert parent.parent_id == int(forum.id)


async def test_typing_lasts_ten_seconds_or_until_the_answer(pond: Pond) -> None:
    hold = pond.bot.at(pond.channel)
    await hold.typing()
    assert pond.discord.types_in(pond.channel)
    pond.discord.clock.advance(10.1)
    assert not pond.discord.types_in(pond.channel)
    await hold.typing()
    pond.discord.clock.advance(1)
    await hold.send("quack")
    assert not pond.discord.types_in(pond.channel)


async def test_who_may_read_where_is_asked_of_the_server(pond: Pond) -> None:
    bob = pond.discord.person("bob")
    den = pond.discord.channel("den", members=[pond.alice], private=True)
    bob.joins(pond.discord.home)
    await pond.discord.until(lambda: pond.bot.get_channel(int(den.id)))
    guild = pond.bot.get_guild(int(pond.discord.home.id))
    place = pond.bot.get_channel(int(den.id))
    assert isinstance(place, discord.TextChannel)
    assert guild is not None
    reads = {}
    for person in (pond.alice, bob):
        member = await guild.fetch_member(int(person.id))
        reads[person.name] = place.permissions_for(member).view_channel
    assert reads == {"alice": True, "bob": False}
    assert await code_of(guild.fetch_member(int(pond.discord.person("stranger").id))) == 10007


async def test_everything_about_a_server_can_be_looked_up(pond: Pond) -> None:
    home = pond.discord.home.id
    thread = await pond.alice.opens_thread(await pond.alice.says(pond.channel, "dive"))
    async with raw_client(pond.discord) as raw:

        async def names(path: str) -> list[str]:
            return [str(one["name"]) for one in (await raw.call("GET", path))[1]]

        assert await names(f"/guilds/{home}/channels") == ["pond"]
        assert await names(f"/guilds/{home}/roles") == ["@everyone", "mallard"]
        assert await names("/users/@me/guilds?limit=200") == ["Pond"]
        assert (await raw.call("GET", f"/guilds/{home}?with_counts=true"))[1]["approximate_member_count"] == 3
        assert (await raw.call("GET", f"/users/{pond.alice.id}"))[1]["username"] == "alice"
        assert (await raw.call("GET", "/applications/@me"))[1]["id"] == pond.discord.bot.id
        for path in ("/gateway", "/gateway/bot"):
            assert (await raw.call("GET", path))[1]["url"] == pond.discord.gateway_url
        assert (await raw.call("PUT", f"/channels/{thread.id}/thread-members/@me"))[0] == 204
        assert pond.discord.bot.id in thread.members
        pond.alice.leaves(pond.discord.home)
        assert await raw.refused("GET", f"/guilds/{home}/members/{pond.alice.id}") == 10007
        assert (await raw.call("DELETE", f"/users/@me/guilds/{home}"))[0] == 204
        assert await raw.refused("GET", f"/guilds/{home}") == 10004
    await pond.discord.until(lambda: "GUILD_DELETE" in pond.bot.events)
