"""Every click is acknowledged at once, reaches the door with its token, and is answered to the clicker alone."""

import pytest

from bots.slack.clicks import FOREIGN
from runtime.agent import Outcome
from runtime.door import Settlement
from runtime.records import UserRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.on_slack.scenes import Scene
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import decided

AT_ONCE = 1.0


@pytest.mark.promise(5)
@pytest.mark.mistake(11)
@pytest.mark.mistake(12)
async def test_a_click_brings_its_token_and_who_clicked_where_and_is_answered_to_them_alone(scene: Scene) -> None:
    shown = await scene.card()

    receipt = await scene.bob.clicks(shown, "Approve")
    clicked = await scene.door.clicked()
    told = await scene.told(scene.bob)

    assert receipt.took is not None
    assert receipt.took < AT_ONCE
    assert clicked.token == "pond.7.approve"
    assert clicked.by == UserRef(platform="slack", space="T1", id="UBOB")
    assert clicked.by_name == "bob"
    assert clicked.where.channel == scene.pond.id
    assert clicked.where.thread == shown.thread_ts
    assert told.text == "You approved it."
    assert told.thread_ts == shown.thread_ts
    assert not scene.alice.ephemerals


@pytest.mark.promise(5)
@pytest.mark.promise(17)
@pytest.mark.mistake(3)
async def test_clicks_and_questions_are_acknowledged_while_the_door_is_busy(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.gate.clear()

    receipts = [
        await scene.bob.clicks(shown, "Approve"),
        await scene.bob.clicks(shown, "Deny"),
        await scene.bob.clicks(shown, "Show everything"),
        await scene.bob.slash("/mallard", "pending"),
    ]

    assert all(receipt.took is not None and receipt.took < AT_ONCE for receipt in receipts)
    scene.door.gate.set()
    await scene.told(scene.bob)


@pytest.mark.promise(11)
async def test_one_click_gives_one_message(scene: Scene) -> None:
    shown = await scene.card()
    before = len(scene.slack.messages(scene.pond))

    await scene.bob.clicks(shown, "Approve")
    await scene.told(scene.bob)
    await scene.slack.events.settled()

    assert len(scene.bob.ephemerals) == 1
    assert len(scene.slack.messages(scene.pond)) == before


@pytest.mark.promise(11)
@pytest.mark.mistake(10)
async def test_a_stale_copy_of_a_card_is_closed_when_somebody_clicks_it(scene: Scene) -> None:
    shown = await scene.card()
    old = shown.snapshot()
    scene.door.settlement = Settlement(
        outcome=Outcome.ALREADY_DECIDED, words="Already approved by alice.", card=decided()
    )

    await scene.bob.clicks(old, "Approve")

    await scene.slack.until(lambda: not shown.buttons)
    assert "Approved by bob" in shown.text
    assert (await scene.told(scene.bob)).text == "Already approved by alice."


@pytest.mark.promise(7)
@pytest.mark.mistake(11)
@pytest.mark.mistake(26)
async def test_a_stranger_of_a_connected_workspace_clicks_as_a_stranger(scene: Scene) -> None:
    stranger = scene.slack.person("UFAR", team="T2")
    scene.pond.members.add(stranger.id)
    shown = await scene.card()

    await stranger.clicks(shown, "Approve")

    assert (await scene.door.clicked()).by == UserRef(platform="slack", space="T2", id="UFAR")


@pytest.mark.promise(20)
async def test_a_click_on_another_installations_card_is_refused_clearly(scene: Scene) -> None:
    shown = await scene.card()
    shown.bot_id = "B0OTHER"

    receipt = await scene.bob.clicks(shown, "Approve")

    assert (await scene.told(scene.bob)).text == FOREIGN
    assert receipt.acked
    assert not scene.door.clicks


@pytest.mark.mistake(9)
@pytest.mark.mistake(25)
async def test_an_answer_that_cannot_be_ephemeral_goes_through_the_response_url_then_by_dm(scene: Scene) -> None:
    shown = await scene.card()
    scene.slack.fail("chat.postEphemeral", "user_not_in_channel", times=2)

    await scene.bob.clicks(shown, "Approve")
    await scene.slack.called("response_url")
    assert (await scene.told(scene.bob)).text == "You approved it."

    scene.slack.fail("response_url", status=404)
    await scene.bob.clicks(shown, "Approve")
    assert (await scene.slack.message(scene.bob.dm)).text == "You approved it."


@pytest.mark.mistake(3)
async def test_a_door_in_trouble_is_no_silence(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.trouble.append(OSError("no disk"))

    receipt = await scene.bob.clicks(shown, "Approve")

    assert receipt.acked
    assert "nothing was decided" in (await scene.told(scene.bob)).text


@pytest.mark.mistake(4)
async def test_every_unknown_action_view_command_and_shortcut_is_acknowledged(scene: Scene) -> None:
    shown = await scene.card()
    slack = scene.slack
    strange = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "UBOB", "team_id": "T1"},
        "actions": [{"action_id": "from-another-age", "block_id": "b", "type": "button", "value": "7"}],
    }
    view = {"type": "modal", "callback_id": "old", "private_metadata": "", "state": {"values": {}}}
    person = {"team": {"id": "T1"}, "user": {"id": "UBOB", "team_id": "T1"}}

    receipts = [
        await slack.events.ask("interactive", strange),
        await slack.events.ask("interactive", {"type": "view_submission", "view": view, **person}),
        await slack.events.ask("interactive", {"type": "view_closed", "view": view, **person}),
        await scene.bob.slash("/unheard", "of"),
        await scene.bob.shortcut("unheard", shown),
        await scene.bob.shortcut("unheard"),
    ]

    assert all(receipt.acked for receipt in receipts)
    assert not scene.door.clicks


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_card_of_an_earlier_process_is_clicked_in_this_one(slack: Slack, door: RecordingDoor) -> None:
    async with started(slack, door) as platform:
        scene = Scene(slack, platform, door)
        shown = await scene.card()
    async with started(slack, door):
        await scene.bob.clicks(shown, "Approve")

        assert (await door.clicked()).token == "pond.7.approve"
        await scene.told(scene.bob)
