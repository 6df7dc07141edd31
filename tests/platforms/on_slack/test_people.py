"""People on Slack: how they are named, written to in private, and who of them can read what."""

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Entry, Page
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef, UserRef
from tests.fakes.slack import Channel, Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card


async def test_a_card_names_the_person_whom_the_record_knows_by_id_alone(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    await platform.post(where, card(requested_by="slack:T1/UALICE"), key="1")
    await platform.post(where, card(requested_by="slack:T1/UALICE"), key="2")

    assert "asked by alice" in slack.answers(pond)[0].text
    assert len(slack.record.calls_of("users.info")) == 1


async def test_a_name_that_slack_does_not_say_holds_up_no_card(
    slack: Slack, door: RecordingDoor, where: ConversationRef, pond: Channel
) -> None:
    slack.hold("users.info", times=None)
    async with started(slack, door, name_patience=0.05) as platform:
        await platform.post(where, card(requested_by="slack:T1/UALICE"), key="1")

    assert "asked by slack:T1/UALICE" in slack.answers(pond)[0].text
    slack.faults.lift_all()


async def test_a_page_names_people_beside_their_ids_and_leaves_ids_that_are_meant_as_such(
    slack: Slack, platform: SlackPlatform, where: ConversationRef, pond: Channel
) -> None:
    entries = (Entry(text="approved by slack:T1/UALICE", detail="asked by slack:T1/UALICE"),)
    await platform.post(where, Page(title="Run 1", entries=entries, note="add `slack:T1/UALICE` to it"), key="1")

    shown = slack.answers(pond)[0].text
    assert "approved by alice (UALICE)" in shown
    assert "asked by alice\n" in shown
    assert "`slack:T1/UALICE`" in shown


@pytest.mark.mistake(25)
async def test_a_dm_is_opened_once(slack: Slack, platform: SlackPlatform) -> None:
    alice = slack.person("UALICE")
    user = UserRef(platform="slack", space="T1", id="UALICE")
    first = await platform.direct_message(user)
    second = await platform.direct_message(user)

    assert first == second == ConversationRef(platform="slack", space="T1", channel=alice.dm.id)
    assert len(slack.record.calls_of("conversations.open")) == 1


@pytest.mark.mistake(25)
async def test_a_person_who_cannot_be_written_to_is_a_refusal(slack: Slack, platform: SlackPlatform) -> None:
    slack.fail("conversations.open", "cannot_dm_bot")
    with pytest.raises(PlatformRefused):
        await platform.direct_message(UserRef(platform="slack", space="T1", id="UROBOT"))
    with pytest.raises(PlatformRefused):
        await platform.direct_message(UserRef(platform="terminal", id="me"))


@pytest.mark.promise(30)
async def test_members_can_read_and_full_members_can_read_public_channels(
    slack: Slack, platform: SlackPlatform
) -> None:
    alice, far = slack.person("UALICE"), slack.person("UFAR", team="T2")
    slack.person("UBOB")
    public = slack.channel("public", members=[alice])
    secret = slack.channel("secret", members=[alice, far], kind="group")

    async def can_read(person: str, channel: str, space: str = "T1") -> bool:
        where = ConversationRef(platform="slack", space="T1", channel=channel)
        return await platform.is_member(UserRef(platform="slack", space=space, id=person), where)

    assert await can_read("UALICE", public.id)
    assert await can_read("UBOB", public.id)
    assert not await can_read("UFAR", public.id, "T2")
    assert await can_read("UALICE", secret.id)
    assert await can_read("UFAR", secret.id, "T2")
    assert not await can_read("UBOB", secret.id)
    assert await can_read("UALICE", alice.dm.id)
    assert not await can_read("UBOB", alice.dm.id)
    assert not await can_read("UALICE", "C0GONE")
