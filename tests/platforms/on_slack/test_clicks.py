"""Every click is acknowledged at once, reaches the door with its token, and is answered to the clicker alone."""

import pytest

from bots.slack import SlackPlatform
from bots.slack.clicks import FOREIGN
from runtime.agent import Outcome
from runtime.contents import Argument, Card
from runtime.door import Settlement
from runtime.records import ConversationRef, UserRef
from tests.fakes.slack import Channel, Message, Person, Slack
from tests.platforms.on_slack.conftest import started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

AT_ONCE = 1.0


class Scene:
    """A card that stands in a channel."""

    def __init__(self, slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
        self.slack, self.platform, self.door = slack, platform, door
        self.alice, self.bob = slack.person("UALICE"), slack.person("UBOB")
        self.pond: Channel = slack.channel("pond", members=[self.alice, self.bob])

    async def card(self, shown: Card | None = None) -> Message:
        shown = shown or card()
        asked = await self.alice.mentions(self.pond, "please")
        where = ConversationRef(platform="slack", space="T1", channel=self.pond.id, thread=asked.ts)
        for button in shown.buttons:
            self.door.cards[button.token] = shown
        posted = await self.platform.post(where, shown, key="card-7")
        return next(message for message in self.slack.messages(self.pond) if message.ts == posted.id)

    async def told(self, person: Person, containing: str = "") -> Message:
        return await self.slack.until(lambda: next((m for m in person.ephemerals if containing in m.text), None))


@pytest.fixture
def scene(slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> Scene:
    return Scene(slack, platform, door)


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
async def test_clicks_and_commands_are_acknowledged_while_the_door_is_busy(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.gate.clear()

    receipts = [
        await scene.bob.clicks(shown, "Approve"),
        await scene.bob.clicks(shown, "Deny"),
        await scene.bob.clicks(shown, "Show everything"),
        await scene.bob.slash("/mallard", "pending"),
        await scene.bob.shortcut("ask_mallard", shown),
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


@pytest.mark.promise(21)
async def test_deny_asks_for_a_reason_and_brings_it(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    form = await scene.slack.until(lambda: scene.bob.modal)
    receipt = await scene.bob.submits(form, {"Reason": "too early"})
    clicked = await scene.door.clicked()

    assert form.payload["private_metadata"] == "pond.7.deny"
    assert receipt.acked
    assert clicked.token == "pond.7.deny"
    assert clicked.comment == "too early"
    assert clicked.where.channel == scene.pond.id
    assert (await scene.told(scene.bob)).thread_ts == shown.thread_ts


async def test_a_reason_may_be_left_out_and_wishes_may_not(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    await scene.bob.submits(await scene.slack.until(lambda: scene.bob.modal))
    assert (await scene.door.clicked()).comment == ""

    await scene.bob.clicks(shown, "Change…")
    form = await scene.slack.until(lambda: scene.bob.modal)
    assert not form.inputs[0].block.get("optional")
    await scene.bob.submits(form, {"What should be different?": "only the small pond"})
    assert (await scene.door.clicked(2)).comment == "only the small pond"


async def test_a_deny_whose_form_cannot_be_opened_denies_without_a_reason(scene: Scene) -> None:
    shown = await scene.card()
    scene.slack.fail("views.open", "expired_trigger_id")

    await scene.bob.clicks(shown, "Deny")

    clicked = await scene.door.clicked()
    assert (clicked.token, clicked.comment) == ("pond.7.deny", "")
    await scene.told(scene.bob)


@pytest.mark.mistake(10)
async def test_a_form_for_what_was_decided_meanwhile_is_not_opened(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards["pond.7.deny"] = decided()
    words = "Already approved by alice."
    scene.door.settlement = Settlement(outcome=Outcome.ALREADY_DECIDED, words=words, card=decided())

    await scene.bob.clicks(shown, "Deny")

    assert (await scene.told(scene.bob)).text == words
    assert scene.bob.modal is None


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


@pytest.mark.promise(13)
async def test_show_everything_opens_the_whole_card_for_the_clicker(scene: Scene) -> None:
    long_text = "\n".join(f"line {number}" for number in range(3_000))
    shown = await scene.card(card(arguments=(Argument(name="content", text=long_text),)))
    assert "line 2999" not in shown.text

    await scene.bob.clicks(shown, "Show everything")
    view = await scene.slack.until(lambda: scene.bob.modal)

    assert "line 2999" in view.text
    assert not scene.door.clicks


@pytest.mark.promise(12)
@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_what_no_modal_has_room_for_comes_whole_as_a_file_in_the_clickers_dm(scene: Scene) -> None:
    huge = "pond & <water> 🦆 " * 60_000
    shown = await scene.card(card(arguments=(Argument(name="content", text=huge),)))

    await scene.bob.clicks(shown, "Show everything")
    handed = await scene.slack.message(scene.bob.dm, contains="approval-7.txt")

    assert huge in handed.files[0].text
    await scene.slack.until(lambda: scene.bob.modal)


async def test_a_card_that_one_may_not_see_is_not_shown(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards.clear()

    await scene.bob.clicks(shown, "Show everything")

    await scene.told(scene.bob, "may see")
    assert scene.bob.modal is None


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
