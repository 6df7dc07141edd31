"""What the loopback Discord refuses, and that it says so to the test as well as to the app."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord import Channel, Discord, Message, Permission, Person
from tests.fakes.discord.rawclient import Raw, raw_client

Json = dict[str, Any]
SILENT: Json = {"allowed_mentions": {"parse": []}}
V2 = 1 << 15
TEXT: Json = {"type": 10, "content": "quack"}
FILE: Json = {"type": 13, "file": {"url": "attachment://a.md"}}
EMBED: Json = {"title": "quack"}


@pytest.fixture
async def discord() -> AsyncIterator[Discord]:
    async with Discord() as discord:
        yield discord


@pytest.fixture
async def raw(discord: Discord) -> AsyncIterator[Raw]:
    discord.buckets.window = 0.0  # no library waits here, and a quick machine makes more calls than fit
    async with raw_client(discord) as raw:
        yield raw


@pytest.fixture
def alice(discord: Discord) -> Person:
    return discord.person("alice")


@pytest.fixture
def pond(discord: Discord, alice: Person) -> Channel:
    return discord.channel("pond", members=[alice])


@pytest.fixture
async def asked(alice: Person, pond: Channel) -> Message:
    return await alice.mentions(pond, "hello")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"content": "a" * 2001}, "/content"),
        ({"content": 5}, "/content"),
        ({"content": "a", "colour": "green"}, "/colour"),
        ({"content": "a", "nonce": "n" * 26}, "/nonce"),
        ({"content": "a", "nonce": ["n"]}, "/nonce"),
        ({"content": "a", "enforce_nonce": True}, "/enforce_nonce"),
        ({"content": "a", "tts": "no"}, "/tts"),
        ({"content": "a", "flags": 64}, "/flags"),
        ({"content": "a", "flags": "4"}, "/flags"),
        ({"content": "a", "embeds": [EMBED] * 11}, "/embeds"),
        ({"embeds": [{"title": "t" * 257}]}, "/embeds/0/title"),
        ({"embeds": [{"description": "d" * 4097}]}, "/embeds/0/description"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "/embeds/0/fields"),
        ({"embeds": [{"colour": 1}]}, "/embeds/0/colour"),
        ({"embeds": [{"description": "d" * 4000}, {"description": "d" * 2001}]}, "/embeds"),
        ({"content": "a", "allowed_mentions": {"parse": ["all"]}}, "/allowed_mentions/parse/0"),
        ({"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "/allowed_mentions"),
        ({"content": "a", "allowed_mentions": {"users": ["alice"]}}, "/allowed_mentions/users/0"),
        ({"content": "a", "allowed_mentions": {"none": True}}, "/allowed_mentions/none"),
        ({"content": "a", "message_reference": {}}, "/message_reference/message_id"),
        ({"content": "a", "message_reference": {"message_id": "x"}}, "/message_reference/message_id"),
        ({"content": "a", "attachments": [{"filename": "a.md"}]}, "/attachments/0/id"),
        ({"content": "a", "attachments": [{"id": 0, "filename": "a.md"}]}, "/attachments"),
        ({"content": "a", "sticker_ids": ["1"] * 4}, "/sticker_ids"),
        ({"content": "a", "components": [TEXT]}, "/components/0/type"),
        ({"content": "a", "components": TEXT}, "/components"),
        ({"flags": V2, "components": [{"type": 99}]}, "/components/0/type"),
        ({"flags": V2, "components": [TEXT], "content": "a"}, "/content"),
        ({"flags": V2, "components": [TEXT], "embeds": [EMBED]}, "/embeds"),
        ({"flags": V2, "components": [TEXT], "poll": {"question": {}}}, "/poll"),
        ({"flags": V2, "components": [TEXT], "sticker_ids": ["1"]}, "/sticker_ids"),
        ({"flags": V2, "components": []}, "/components"),
        ({"flags": V2}, "/components"),
        ({"flags": V2, "components": [FILE]}, "/components"),
        ("quack", "/"),
    ],
)
async def test_a_malformed_message_is_a_violation(
    discord: Discord, raw: Raw, pond: Channel, body: Any, pointer: str
) -> None:
    said = {**SILENT, **body} if isinstance(body, dict) else body
    status, answer = await raw.call("POST", f"/channels/{pond.id}/messages", said)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    level = answer["errors"]
    for name in filter(None, pointer.split("/")):
        level = level[name]
    assert level["_errors"]
    [violation] = discord.record.violations
    assert (violation.method, violation.error) == ("POST /channels/{channel}/messages", "50035")
    assert discord.messages(pond) == []
    with pytest.raises(AssertionError, match="50035"):
        discord.check_clean()


@pytest.mark.parametrize("body", [{}, {"content": " "}, {"content": None, "components": [], "embeds": []}])
async def test_an_empty_message_is_a_violation(discord: Discord, raw: Raw, pond: Channel, body: Json) -> None:
    assert await raw.refused("POST", f"/channels/{pond.id}/messages", body) == 50006
    assert [violation.error for violation in discord.record.violations] == ["50006"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"flags": 0}, "/flags"),
        ({"flags": 1 << 12}, "/flags"),
        ({"content": "a"}, "/content"),
        ({"embeds": [EMBED]}, "/embeds"),
        ({"components": []}, "/components"),
        ({"components": None}, "/components"),
        ({"components": [TEXT] * 41}, "/components"),
        ({"nonce": "n"}, "/nonce"),
    ],
)
async def test_an_edit_keeps_to_the_components(
    raw: Raw, discord: Discord, pond: Channel, body: Json, pointer: str
) -> None:
    _, sent = await raw.call("POST", f"/channels/{pond.id}/messages", {"flags": V2, "components": [TEXT], **SILENT})
    status, answer = await raw.call("PATCH", f"/channels/{pond.id}/messages/{sent['id']}", {**SILENT, **body})
    assert (status, list(answer["errors"])) == (400, [pointer[1:]])
    assert discord.messages(pond)[0].text == "quack"


async def test_a_plain_message_becomes_components_only_with_its_words_taken_away(raw: Raw, pond: Channel) -> None:
    _, sent = await raw.call("POST", f"/channels/{pond.id}/messages", {"content": "a", **SILENT})
    there, body = f"/channels/{pond.id}/messages/{sent['id']}", {"flags": V2, "components": [TEXT], **SILENT}
    assert await raw.refused("PATCH", there, body) == 50035
    status, edited = await raw.call("PATCH", there, {**body, "content": None})
    assert (status, edited["content"], edited["flags"] & V2) == (200, "", V2)


async def test_only_its_own_messages_can_be_changed(raw: Raw, discord: Discord, asked: Message) -> None:
    there = f"/channels/{asked.channel}/messages/{asked.id}"
    assert await raw.refused("PATCH", there, {"content": "mine now", **SILENT}) == 50005
    assert await raw.refused("DELETE", there) == 50013
    discord.check_clean()


async def test_files_are_named_shown_and_not_too_large(raw: Raw, discord: Discord, pond: Channel) -> None:
    there = f"/channels/{pond.id}/messages"
    named: Json = {**SILENT, "attachments": [{"id": 0, "filename": "a.md"}]}
    shown: Json = {"flags": V2, "components": [TEXT, FILE]}
    assert await raw.refused("POST", there, SILENT, files={"files[0]": b"x"}) == 50035
    assert await raw.refused("POST", there, named, files={"files[1]": b"x"}) == 50035
    assert await raw.refused("POST", there, named, files={"files[0]": b"x", "files[1]": b"x"}) == 50035
    assert await raw.refused("POST", there, named, files={"attached": b"x"}) == 50035
    assert (
        await raw.refused("POST", there, named | {"flags": V2, "components": [TEXT]}, files={"files[0]": b"x"}) == 50035
    )
    assert len(discord.record.violations) == 5
    assert await raw.refused("POST", there, named | shown, files={"files[0]": b"x" * (10 * 2**20 + 1)}) == 40005
    assert len(discord.record.violations) == 5
    status, sent = await raw.call("POST", there, named | shown, files={"files[0]": b"x"})
    assert (status, sent["attachments"][0]["size"]) == (200, 1)
    discord.deny(pond, discord.bot.id, Permission.ATTACH_FILES)
    assert await raw.refused("POST", there, named | shown, files={"files[0]": b"x"}) == 50013


async def test_what_happens_to_good_apps_is_no_violation(
    raw: Raw, discord: Discord, alice: Person, pond: Channel
) -> None:
    hidden = discord.channel("hidden", with_bot=False)
    quiet = discord.channel("quiet")
    discord.deny(quiet, discord.bot.id, Permission.SEND_MESSAGES)
    forum = discord.channel("forum", kind="forum")
    gone = discord.channel("gone")
    discord.delete(gone)
    hello = {"content": "hello", **SILENT}
    for channel, code in ((hidden.id, 50001), (quiet.id, 50013), (forum.id, 50024), (gone.id, 10003), ("404", 10003)):
        assert await raw.refused("POST", f"/channels/{channel}/messages", hello) == code
    assert await raw.refused("GET", f"/channels/{pond.id}/messages/404") == 10008
    assert await raw.refused("GET", "/users/404") == 10013
    assert await raw.refused("GET", "/guilds/404") == 10004
    assert await raw.refused("GET", f"/guilds/{discord.home.id}/members/404") == 10013
    assert await raw.refused("POST", f"/channels/{quiet.id}/typing") == 50013
    reply = {**hello, "message_reference": {"message_id": "404"}}
    assert await raw.refused("POST", f"/channels/{pond.id}/messages", reply) == 50035
    reply["message_reference"]["fail_if_not_exists"] = False
    assert (await raw.call("POST", f"/channels/{pond.id}/messages", reply))[0] == 200
    discord.check_clean()


async def test_loud_habits_are_lapses(raw: Raw, discord: Discord, alice: Person, pond: Channel) -> None:
    there = f"/channels/{pond.id}/messages"
    _, sent = await raw.call("POST", there, {"content": f"{alice.mention} @everyone"})
    await raw.call("PATCH", f"{there}/{sent['id']}", {"content": "b"})
    await raw.call("GET", "/users/@me", headers={"User-Agent": "Python/3.11 aiohttp"})
    assert [lapse.split(": ")[1].split()[0] for lapse in discord.lapses] == ["allowed_mentions"] * 2 + ["User-Agent"]
    assert discord.violations == []
    [message] = discord.messages(pond)
    assert message.past[0].pings == (alice.mention, "@everyone")
    _, silent = await raw.call("POST", there, {"content": f"{alice.mention} @everyone", **SILENT})
    assert (discord.messages(pond)[1].pings, silent["mentions"]) == ((), [])


async def test_unknown_routes_tokens_and_unreadable_bodies(raw: Raw, discord: Discord, pond: Channel) -> None:
    there = f"/channels/{pond.id}/messages"
    for headers in ({"Authorization": "Bot wrong"}, {"Authorization": discord.token}):
        assert await raw.call("GET", "/users/@me", headers=headers) == (
            401,
            {"message": "401: Unauthorized", "code": 0},
        )
    assert discord.violations == []
    assert (await raw.call("GET", "/channels/1/secrets"))[0] == 404
    assert await raw.refused("GET", "/channels/pond") == 50035
    assert await raw.refused("GET", f"{there}?limit=101") == 50035
    assert await raw.refused("GET", f"{there}?colour=green") == 50035
    assert await raw.refused("GET", f"{there}?before=1&after=2") == 50035
    assert await raw.refused("POST", there) == 50035
    assert await raw.refused("POST", f"/channels/{pond.id}/typing", {}) == 50035
    async with aiohttp.ClientSession() as session:
        for kind, code in (("application/json", 50109), ("text/plain", 50035)):
            headers = {**raw.headers, "Content-Type": kind}
            async with session.post(f"{discord.api_url}{there}", data=b"{", headers=headers) as answer:
                assert (await answer.json())["code"] == code
                assert answer.headers["Content-Type"] == "application/json"
    assert len(discord.record.violations) == 9
