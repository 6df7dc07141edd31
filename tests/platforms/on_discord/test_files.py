"""Files: read with care, posted in one piece."""

import pytest
from msgspec.structs import replace

from bots.discord import DiscordPlatform
from bots.discord.files import LARGEST, file_of, name_of
from runtime.contents import File
from runtime.errors import PlatformUnavailable, PlatformUnclear
from runtime.records import Attachment, ConversationRef
from tests.fakes.discord import Discord, Person
from tests.platforms.on_discord.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor

POST = "POST /channels/{channel}/messages"


async def attached(discord: Discord, door: RecordingDoor, name: str, content: bytes) -> Attachment:
    await discord.person("alice").dms("look", files={name: content})
    return (await door.heard()).attachments[0]


def direct(alice: Person) -> ConversationRef:
    return ConversationRef(platform="discord", channel=alice.dm.id)


@pytest.mark.mistake(31)
async def test_a_text_file_becomes_text_and_the_token_is_shown_to_nobody(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    attachment = await attached(discord, door, "note.txt", "Ente gut, alles gut – 🦆".encode())

    fetched = await platform.fetch(attachment)

    assert fetched.text == "Ente gut, alles gut – 🦆"
    assert fetched.note == ""
    assert fetched.source == attachment.source
    assert discord.record.calls_of("GET /cdn")
    assert not discord.violations  # the loopback looks for a token there


@pytest.mark.mistake(31)
async def test_a_file_that_is_too_large_is_not_downloaded(discord: Discord, door: RecordingDoor) -> None:
    fault = discord.fail("GET /cdn", status=500, times=None)
    async with started(discord, door, download_cap=10) as platform:
        fetched = await platform.fetch(await attached(discord, door, "note.txt", b"x" * 11))

    assert fetched.text is None
    assert "11 bytes" in fetched.note
    assert not fault.hits


@pytest.mark.mistake(31)
async def test_a_file_that_is_larger_than_it_said_is_dropped(discord: Discord, door: RecordingDoor) -> None:
    async with started(discord, door, download_cap=10) as platform:
        attachment = replace(await attached(discord, door, "note.txt", b"x" * 5_000), size=5)
        fetched = await platform.fetch(attachment)

    assert fetched.text is None
    assert "larger" in fetched.note


async def test_a_long_text_is_shortened_and_says_so(discord: Discord, door: RecordingDoor) -> None:
    async with started(discord, door, text_cap=10) as platform:
        fetched = await platform.fetch(await attached(discord, door, "note.txt", b"0123456789abc"))

    assert fetched.text == "0123456789"
    assert "13" in fetched.note


async def test_a_picture_is_no_text(discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> None:
    fetched = await platform.fetch(await attached(discord, door, "duck.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))

    assert fetched.text is None
    assert "not text" in fetched.note


@pytest.mark.mistake(31)
async def test_an_expired_link_is_asked_for_anew(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    attachment = await attached(discord, door, "note.txt", b"quack")
    discord.clock.advance(3600 * 48)

    fetched = await platform.fetch(attachment)

    assert fetched.text == "quack"
    assert len(discord.record.calls_of("GET /channels/{channel}/messages/{message}")) == 1


@pytest.mark.mistake(31)
async def test_a_file_whose_message_was_deleted_is_said_to_be_gone(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor, alice: Person
) -> None:
    attachment = await attached(discord, door, "note.txt", b"quack")
    await alice.deletes(discord.messages(alice.dm)[0])
    discord.clock.advance(3600 * 48)

    fetched = await platform.fetch(attachment)

    assert fetched.text is None
    assert "gone" in fetched.note


async def test_a_file_that_discord_does_not_send_now_is_tried_again_later(
    discord: Discord, platform: DiscordPlatform, door: RecordingDoor
) -> None:
    attachment = await attached(discord, door, "note.txt", b"quack")
    discord.fail("GET /cdn", status=503)

    with pytest.raises(PlatformUnavailable):
        await platform.fetch(attachment)
    assert (await platform.fetch(attachment)).text == "quack"


@pytest.mark.mistake(31)
@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:9/steal",
        "1/2/3|http://127.0.0.1:9/steal",
        "https://cdn.discordapp.com.evil.example/x",
        "http://cdn.discordapp.com/x",
        "https://cdn.discordapp.com:8443/x",
        "https://cdn.discordapp.com@evil.example/x",
        "https://evil.example/cdn.discordapp.com",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_fetched_from_anywhere_else(platform: DiscordPlatform, source: str) -> None:
    fetched = await platform.fetch(Attachment(name="x", media_type="text/plain", size=1, source=source))

    assert fetched.text is None
    assert "does not lie at Discord" in fetched.note


@pytest.mark.promise(27)
async def test_a_long_answer_goes_as_a_file(discord: Discord, platform: DiscordPlatform, alice: Person) -> None:
    posted = await platform.post(
        direct(alice), File(name="answer.md", text="long " * 50_000, comment="All of *it*"), key="d1"
    )

    (answer,) = discord.answers(alice.dm)
    assert posted.id == f"{alice.dm.id}/{answer.id}"
    assert answer.attachments[0].content == b"long " * 50_000
    assert answer.attachments[0].filename == "answer.md"
    assert answer.text == "All of \\*it\\*\n[file answer.md]"


@pytest.mark.mistake(8)
async def test_a_file_whose_posting_is_unclear_is_found(
    discord: Discord, platform: DiscordPlatform, alice: Person
) -> None:
    since = LoopbackClock(discord).now()
    discord.drop(POST)

    with pytest.raises(PlatformUnclear):
        await platform.post(direct(alice), File(name="answer.md", text="long"), key="d1")

    assert await platform.find_posted(direct(alice), "d1", since) is not None
    assert len(discord.answers(alice.dm)) == 1


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("answer-3.md", "answer-3.md"),
        ("ein Brief über Enten.txt", "ein_Brief_ber_Enten.txt"),
        ("../../etc/passwd", "etc_passwd"),
        ("SPOILER_x.txt", "file_SPOILER_x.txt"),
        ("🦆", "file_"),
        ("x" * 300 + ".txt", "x" * 96 + ".txt"),
    ],
)
async def test_a_file_bears_a_name_that_discord_leaves_as_it_is(
    discord: Discord, platform: DiscordPlatform, alice: Person, name: str, sent: str
) -> None:
    assert name_of(File(name=name, text="x")) == sent

    await platform.post(direct(alice), File(name=name, text="x"), key="1")

    assert [file.filename for file in discord.answers(alice.dm)[0].attachments] == [sent]


def test_what_does_not_fit_into_a_file_is_cut_and_says_so() -> None:
    content = file_of(File(name="a.txt", text="🦆" * 3_000_000)).fp.read()

    assert len(content) == LARGEST
    assert b"12,000,000 bytes" in content[-200:]
