"""The home tab, suggested prompts, the slash command and the message shortcut."""

import pytest

from bots.slack import SlackPlatform
from runtime.contents import Entry, Page
from runtime.records import ConversationRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card

HISTORY = Page(
    title="History",
    entries=(Entry(text="run 3 · completed", detail="how large is the pond?", token="run 3"),),
    older="history before 3",
)
OLDER = Page(title="History", entries=(Entry(text="run 1 · failed"),), newer="history after 1")
RUN = Page(title="Run 3", entries=(Entry(text="run_created"), Entry(text="run_completed")))


@pytest.fixture
def door() -> RecordingDoor:
    pages = {"history": HISTORY, "history before 3": OLDER, "run 3": RUN}
    return RecordingDoor(pages=pages)


async def test_the_home_tab_shows_what_waits_and_what_was_done(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")

    await alice.opens_home()
    home = await slack.until(lambda: alice.home)

    assert "Pending" in home.text
    assert "how large is the pond?" in home.text
    assert {read[0] for read in door.reads} == {"pending", "history"}
    assert all(read[3] for read in door.reads)


@pytest.mark.mistake(27)
async def test_the_home_tab_is_published_at_most_once_per_change(slack: Slack, door: RecordingDoor) -> None:
    alice = slack.person("UALICE")
    async with started(slack, door):
        for _ in range(5):
            await alice.opens_home()
        await door.until(lambda: len(door.reads) >= 10)
        door.pages["history"] = OLDER
        await alice.opens_home()
        await slack.until(lambda: alice.home and "run 1" in alice.home.text)

    assert len(slack.record.calls_of("views.publish")) == 2


async def test_a_home_tab_that_could_not_be_published_is_tried_again(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    failing = slack.fail("views.publish", status=500)

    await alice.opens_home()
    await failing.arrived()
    await alice.opens_home()

    await slack.until(lambda: alice.home)


async def test_a_home_tab_that_is_slow_never_replaces_a_newer_one(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    slow = slack.hold("views.publish")
    await alice.opens_home()
    await slow.arrived()

    door.pages["history"] = OLDER
    await alice.opens_home()
    await slack.events.settled()
    slow.release()

    await slack.until(lambda: alice.home and "run 1" in alice.home.text)
    assert len(slack.record.calls_of("views.publish")) == 2


async def test_an_entry_of_the_home_tab_opens_in_a_modal_and_pages_turn_in_it(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    await alice.opens_home()
    home = await slack.until(lambda: alice.home)

    await alice.clicks(home, "Open")
    run = await slack.until(lambda: alice.modal)
    assert "run_completed" in run.text

    await alice.clicks(home, "Older")
    older = await slack.until(lambda: alice.modal if alice.modal and "run 1" in alice.modal.text else None)
    await alice.clicks(older, "Newer")
    await door.until(lambda: ("history after 1") in [read[0] for read in door.reads])


async def test_a_card_that_is_opened_from_a_page_can_be_decided_in_the_modal(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    door.pages["pending"] = Page(title="Pending", entries=(Entry(text="approval 7", token="pond.7.show"),))
    for button in card().buttons:
        door.cards[button.token] = card()
    await alice.opens_home()
    home = await slack.until(lambda: alice.home)

    await alice.clicks(home, "mallard:open:0")
    view = await slack.until(lambda: alice.modal)
    await alice.clicks(view, "Approve")
    assert (await door.clicked()).token == "pond.7.approve"
    await slack.until(lambda: "You approved it." in view.text)

    await alice.clicks(home, "mallard:open:0")
    view = await slack.until(lambda: alice.modal if alice.modal and alice.modal is not view else None)
    await alice.clicks(view, "Deny")
    form = await slack.until(lambda: alice.modal if alice.modal and alice.modal.inputs else None)
    await alice.submits(form, {"Reason": "no"})
    assert (await door.clicked(2)).comment == "no"
    await slack.until(lambda: alice.modal is None)
    await slack.until(lambda: alice.home and "You approved it." in alice.home.text)


@pytest.mark.mistake(28)
async def test_opening_the_dm_suggests_prompts_without_a_thread(slack: Slack, platform: SlackPlatform) -> None:
    alice = slack.person("UALICE")

    await alice.opens_dm()
    call = await slack.called("assistant.threads.setSuggestedPrompts")

    assert "thread_ts" not in call.arguments
    assert len(call["prompts"]) <= 4
    assert alice.home is None


@pytest.mark.promise(39)
async def test_the_slash_command_answers_its_writer_alone(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    receipt = await alice.slash("/mallard", "  History  ", where=pond)
    shown = await slack.ephemeral(alice)

    assert receipt.acked
    assert "run 3 · completed" in shown.text
    assert shown.channel == pond.id
    token, by, where, direct = door.reads[0]
    assert (token, by.id, where.channel, direct) == ("history", "UALICE", pond.id, True)
    assert not slack.answers(pond) or slack.answers(pond) == [shown]


async def test_a_page_turns_where_it_stands(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
    alice = slack.person("UALICE")
    await alice.slash("/mallard", "history", where=alice.dm)
    shown = await slack.ephemeral(alice)

    await alice.clicks(shown, "Older")
    await slack.until(lambda: any("run 1" in message.text for message in alice.ephemerals))


async def test_a_page_in_a_dm_is_turned_by_an_edit_and_one_in_a_channel_in_a_modal(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor
) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])
    for channel in (alice.dm, pond):
        asked = await alice.says(channel, "history")
        where = ConversationRef(platform="slack", space="T1", channel=channel.id, thread=asked.ts)
        await platform.post(where, HISTORY, key=channel.id)

    (in_dm,) = slack.answers(alice.dm)
    await alice.clicks(in_dm, "Older")
    await slack.until(lambda: "run 1" in in_dm.text)

    (in_channel,) = slack.answers(pond)
    await alice.clicks(in_channel, "Older")
    await slack.until(lambda: alice.modal and "run 1" in alice.modal.text)
    assert "run 3" in in_channel.text


async def test_stop_and_options_go_to_the_door(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
    alice = slack.person("UALICE")
    pond = slack.channel("pond", members=[alice])

    await alice.slash("/mallard", "stop", where=pond)
    await door.until(lambda: door.stops)
    await alice.slash("/mallard", "options debug on", where=pond)
    await door.until(lambda: door.options)

    assert door.stops[0][0].channel == pond.id
    assert door.options[0][1:3] == ("debug", "on")
    await slack.until(lambda: len(alice.ephemerals) == 2)
