"""Files: read with care, posted in one piece."""

import pytest
from msgspec.structs import replace

from bots.slack import SlackPlatform
from runtime.contents import File
from runtime.errors import PlatformUnavailable, PlatformUnclear
from runtime.records import Attachment, ConversationRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import LoopbackClock, started
from tests.platforms.recording import RecordingDoor


async def attached(slack: Slack, door: RecordingDoor, name: str, content: bytes) -> Attachment:
    await slack.person("UALICE").dms("look", files={name: content})
    return (await door.heard()).attachments[0]


async def test_a_text_file_becomes_text(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
    attachment = await attached(slack, door, "note.txt", "Ente gut, alles gut – 🦆".encode())

    fetched = await platform.fetch(attachment)

    assert fetched.text == "Ente gut, alles gut – 🦆"
    assert fetched.note == ""


@pytest.mark.mistake(31)
async def test_a_file_that_is_too_large_is_not_downloaded(slack: Slack, door: RecordingDoor) -> None:
    async with started(slack, door, download_cap=10) as platform:
        fetched = await platform.fetch(await attached(slack, door, "note.txt", b"x" * 11))

    assert fetched.text is None
    assert "11 bytes" in fetched.note
    assert not slack.record.calls_of("download")


@pytest.mark.mistake(31)
async def test_a_file_that_is_larger_than_it_said_is_dropped(slack: Slack, door: RecordingDoor) -> None:
    async with started(slack, door, download_cap=10) as platform:
        attachment = replace(await attached(slack, door, "note.txt", b"x" * 5_000), size=5)
        fetched = await platform.fetch(attachment)

    assert fetched.text is None
    assert "larger" in fetched.note


async def test_a_long_text_is_shortened_and_says_so(slack: Slack, door: RecordingDoor) -> None:
    async with started(slack, door, text_cap=10) as platform:
        fetched = await platform.fetch(await attached(slack, door, "note.txt", b"0123456789abc"))

    assert fetched.text == "0123456789"
    assert "13" in fetched.note


async def test_a_picture_is_no_text(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
    fetched = await platform.fetch(await attached(slack, door, "duck.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))

    assert fetched.text is None
    assert "not text" in fetched.note


@pytest.mark.mistake(31)
async def test_slacks_sign_in_page_is_not_taken_for_the_file(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    attachment = await attached(slack, door, "note.txt", b"quack")
    slack.state.scopes.discard("files:read")

    fetched = await platform.fetch(attachment)

    assert fetched.text is None
    assert "files:read" in fetched.note


@pytest.mark.mistake(31)
@pytest.mark.parametrize(
    "source", ["http://127.0.0.1:9/steal", "https://slack.com.evil.example/x", "https://evil.example/slack.com"]
)
async def test_the_token_is_shown_to_slack_alone(slack: Slack, platform: SlackPlatform, source: str) -> None:
    fetched = await platform.fetch(Attachment(name="x", media_type="text/plain", size=1, source=source))

    assert fetched.text is None
    assert "does not lie at Slack" in fetched.note


async def test_a_file_that_came_with_no_more_than_an_id_is_asked_for(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    await attached(slack, door, "note.txt", b"quack")
    (file_id,) = slack.state.files

    fetched = await platform.fetch(
        Attachment(name="note.txt", media_type="text/plain", size=0, source=f"file:{file_id}")
    )
    gone = await platform.fetch(Attachment(name="x", media_type="text/plain", size=0, source="file:F0GONE"))

    assert fetched.text == "quack"
    assert "file_not_found" in gone.note


@pytest.mark.promise(27)
async def test_a_long_answer_goes_as_a_file_and_its_message_is_known(slack: Slack, platform: SlackPlatform) -> None:
    alice = slack.person("UALICE")
    asked = await alice.dms("everything, please")
    where = ConversationRef(platform="slack", space="T1", channel=alice.dm.id, thread=asked.ts)

    posted = await platform.post(where, File(name="answer.md", text="long " * 50_000, comment="All of it"), key="d1")

    (answer,) = slack.answers(alice.dm)
    assert posted.id == answer.ts
    assert answer.thread_ts == asked.ts
    assert answer.files[0].text == "long " * 50_000
    assert answer.fallback == "All of it"


@pytest.mark.mistake(8)
async def test_only_the_sharing_of_a_file_can_be_unclear(slack: Slack, platform: SlackPlatform) -> None:
    since = LoopbackClock(slack).now()
    where = ConversationRef(platform="slack", space="T1", channel=slack.person("UALICE").dm.id)
    file = File(name="answer.md", text="long")

    slack.fail("files.getUploadURLExternal", status=502)
    with pytest.raises(PlatformUnavailable):
        await platform.post(where, file, key="d1")
    slack.fail("upload", status=500)
    with pytest.raises(PlatformUnavailable):
        await platform.post(where, file, key="d1")
    slack.drop("files.completeUploadExternal")
    with pytest.raises(PlatformUnclear):
        await platform.post(where, file, key="d1")

    found = await platform.find_posted(where, "d1", since)
    assert found is not None
    assert len(slack.answers(where.channel)) == 1
