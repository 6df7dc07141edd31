"""Every click is acknowledged at once, reaches the door with its token, and is answered to the clicker alone."""

import asyncio

import pytest

from bots.discord import DiscordPlatform
from runtime.agent import Outcome
from runtime.contents import Argument, Card, Entry, Page
from runtime.door import Settlement
from runtime.records import ConversationRef, MessageRef, UserRef
from tests.fakes.discord import Channel, Discord, Message, Person
from tests.platforms.on_discord.conftest import started
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

AT_ONCE = 1.0
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
FOLLOW_UP = "POST /webhooks/{application}/{token}"


class Scene:
    """A card that stands in the thread of a request."""

    def __init__(self, discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> None:
        self.discord, self.platform, self.door = discord, platform, door
        self.alice, self.bob = discord.person("alice"), discord.person("bob")
        self.pond: Channel = discord.channel("pond", members=[self.alice, self.bob])

    async def card(self, shown: Card | None = None) -> Message:
        return (await self.posted(shown))[0]

    async def posted(self, shown: Card | None = None) -> tuple[Message, MessageRef]:
        shown = shown or card()
        asked = await self.alice.mentions(self.pond, "please")
        where = ConversationRef(platform="discord", space=self.discord.home.id, channel=self.pond.id, thread=asked.id)
        for button in shown.buttons:
            self.door.cards[button.token] = shown
        posted = await self.platform.post(where, shown, key="card-7")
        return await self.discord.message(self.pond, thread=asked), posted

    async def told(self, person: Person, containing: str = "") -> Message:
        return await self.discord.ephemeral(person, contains=containing)


@pytest.fixture
def scene(discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> Scene:
    return Scene(discord, platform, door)


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
    assert clicked.by == UserRef(platform="discord", id=scene.bob.id)
    assert clicked.by_name == "Bob"
    assert (clicked.where.channel, clicked.where.thread) == (scene.pond.id, shown.channel)
    assert told.text == "You approved it."
    assert told.channel == shown.channel
    assert not scene.alice.ephemerals


@pytest.mark.promise(5)
@pytest.mark.promise(17)
@pytest.mark.mistake(3)
async def test_clicks_and_commands_are_acknowledged_while_the_door_is_busy(
    discord: Discord, door: RecordingDoor
) -> None:
    async with started(discord, door, modal_patience=0.1) as platform:
        scene = Scene(discord, platform, door)
        shown = await scene.card()
        await door.heard()
        door.gate.clear()

        receipts = [
            await scene.bob.clicks(shown, "Approve"),
            await scene.bob.clicks(shown, "Deny"),
            await scene.bob.clicks(shown, "Change…"),
            await scene.bob.clicks(shown, "Show everything"),
            await scene.bob.slash("pending", scene.pond),
            await scene.bob.about(shown, "Ask Mallard about this"),
        ]

        assert all(receipt.took is not None and receipt.took < AT_ONCE for receipt in receipts)
        door.gate.set()
        await scene.told(scene.bob, "You approved it.")
        assert {clicked.token for clicked in door.clicks} == {"pond.7.approve", "pond.7.deny"}
        assert "once more" in (await scene.told(scene.bob, "form")).text


@pytest.mark.promise(11)
async def test_one_click_gives_one_message(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Approve")
    await scene.told(scene.bob)
    await scene.platform.stop()

    assert len(scene.bob.ephemerals) == 1
    assert len(scene.discord.answers(scene.pond, shown.channel)) == 1
    assert len(scene.door.clicks) == 1


@pytest.mark.promise(21)
async def test_deny_asks_for_a_reason_and_brings_it(scene: Scene) -> None:
    shown = await scene.card()

    receipt = await scene.bob.clicks(shown, "Deny")
    assert receipt.modal is not None
    sent = await scene.bob.submits({"Reason": "too early"})
    clicked = await scene.door.clicked()

    assert sent.acked
    assert (clicked.token, clicked.comment) == ("pond.7.deny", "too early")
    assert clicked.where.thread == shown.channel
    assert (await scene.told(scene.bob)).channel == shown.channel


async def test_a_reason_may_be_left_out_and_wishes_may_not(scene: Scene) -> None:
    shown = await scene.card()

    await scene.bob.clicks(shown, "Deny")
    await scene.bob.submits()
    assert (await scene.door.clicked()).comment == ""

    await scene.bob.clicks(shown, "Change…")
    assert scene.bob.modal is not None
    assert scene.bob.modal.inputs[0].element["required"]
    await scene.bob.submits({"What should be different?": "only the small pond"})
    assert (await scene.door.clicked(2)).comment == "only the small pond"


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_form_that_an_earlier_process_opened_is_sent_off_in_this_one(
    discord: Discord, door: RecordingDoor
) -> None:
    async with started(discord, door) as platform:
        scene = Scene(discord, platform, door)
        await scene.bob.clicks(await scene.card(), "Deny")
    async with started(discord, door):
        receipt = await scene.bob.submits({"Reason": "too early"})

        assert receipt.acked
        assert ((await door.clicked()).token, door.clicks[0].comment) == ("pond.7.deny", "too early")
        await scene.told(scene.bob)


async def test_a_deny_whose_form_cannot_be_opened_denies_without_a_reason(scene: Scene) -> None:
    shown = await scene.card()
    scene.discord.fail(CALLBACK, 50035, when=lambda call: call["type"] == 9)

    await scene.bob.clicks(shown, "Deny")

    clicked = await scene.door.clicked()
    assert (clicked.token, clicked.comment) == ("pond.7.deny", "")
    await scene.told(scene.bob)


async def test_a_click_that_cannot_be_acknowledged_any_more_counts_and_is_answered_by_dm(scene: Scene) -> None:
    shown = await scene.card()
    scene.discord.interactions.patience = 0.2
    scene.discord.fail(CALLBACK, 10062)

    await scene.bob.clicks(shown, "Approve")

    assert (await scene.door.clicked()).token == "pond.7.approve"
    assert (await scene.discord.message(scene.bob.dm)).text == "You approved it."


@pytest.mark.mistake(8)
async def test_an_acknowledgement_that_discord_took_and_failed_to_say_so_counts(scene: Scene) -> None:
    """The library sends it again, and is refused."""
    shown = await scene.card()
    await scene.door.heard()
    for _ in range(2):
        scene.discord.fail(CALLBACK, status=502, processed=True)
        await scene.bob.clicks(shown, "Approve" if not scene.door.clicks else "Deny")
        await scene.door.clicked()
        await scene.told(scene.bob)
    await scene.bob.submits({"Reason": "too early"})
    await scene.door.clicked(2)
    await scene.discord.until(lambda: len(scene.bob.ephemerals) == 2)
    scene.discord.fail(CALLBACK, status=502, processed=True)
    await scene.bob.slash("ask", scene.pond, request="do something")

    asked = await scene.door.heard(2)

    assert [(clicked.token, clicked.comment) for clicked in scene.door.clicks] == [
        ("pond.7.approve", ""),
        ("pond.7.deny", "too early"),
    ]
    (request,) = scene.discord.answers(scene.pond)
    assert asked.where.thread == request.id
    assert not scene.discord.answers(scene.bob.dm)


@pytest.mark.mistake(10)
async def test_a_form_for_what_was_decided_meanwhile_is_not_opened(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards["pond.7.deny"] = decided()
    words = "Already approved by alice."
    scene.door.settlement = Settlement(outcome=Outcome.ALREADY_DECIDED, words=words, card=decided())

    await scene.bob.clicks(shown, "Deny")

    assert (await scene.told(scene.bob)).text == words
    assert scene.bob.modal is None


@pytest.mark.promise(5)
@pytest.mark.promise(11)
@pytest.mark.mistake(10)
@pytest.mark.parametrize("closed_before", [False, True])
async def test_a_stale_copy_of_a_card_is_answered_and_closed(scene: Scene, closed_before: bool) -> None:
    """Also when the buttons are gone already: the library itself is silent about such a click."""
    shown, ref = await scene.posted()
    old = shown.snapshot()
    scene.door.settlement = Settlement(
        outcome=Outcome.ALREADY_DECIDED, words="Already approved by alice.", card=decided()
    )
    if closed_before:
        await scene.platform.edit(ref, decided())

    receipt = await scene.bob.clicks(old, "Approve")

    assert receipt.acked
    assert (await scene.told(scene.bob)).text == "Already approved by alice."
    await scene.discord.until(lambda: not shown.buttons)
    assert "Approved by bob" in shown.text
    assert shown.components[0]["id"] == old.content.components[0]["id"]


@pytest.mark.promise(22)
@pytest.mark.mistake(10)
async def test_forty_clicks_at_once_get_forty_answers(scene: Scene) -> None:
    shown = await scene.card()
    people = [scene.discord.person(f"guest{number}") for number in range(10)]
    for person in people:
        person.joins(scene.discord.home)

    receipts = await asyncio.gather(*(person.clicks(shown, "Approve") for person in people for _ in range(4)))

    assert all(receipt.acked for receipt in receipts)
    await scene.discord.until(lambda: all(len(person.ephemerals) == 4 for person in people))
    assert len(scene.door.clicks) == 40


@pytest.mark.promise(13)
async def test_show_everything_opens_the_whole_card_for_the_clicker(scene: Scene) -> None:
    long_text = "\n".join(f"line {number}" for number in range(290))
    shown = await scene.card(card(arguments=(Argument(name="content", text=long_text),)))

    await scene.bob.clicks(shown, "Show everything")

    assert scene.bob.modal is not None
    assert "line 289" in scene.bob.modal.text
    receipt = await scene.bob.submits()
    assert receipt.acked
    assert not scene.door.clicks
    assert not scene.discord.answers(scene.bob.dm)


@pytest.mark.promise(12)
@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_what_no_modal_has_room_for_comes_whole_as_a_file_in_the_clickers_dm(scene: Scene) -> None:
    huge = "pond & <water> 🦆 " * 60_000
    shown = await scene.card(card(arguments=(Argument(name="content", text=huge),)))

    await scene.bob.clicks(shown, "Show everything")
    handed = await scene.discord.message(scene.bob.dm, contains="approval 7")

    assert huge in handed.attachments[0].content.decode()
    assert "direct messages" in (await scene.told(scene.bob)).text


@pytest.mark.mistake(25)
async def test_who_takes_no_direct_messages_hears_why_the_whole_card_does_not_come(scene: Scene) -> None:
    scene.bob.closes_dms()
    shown = await scene.card(card(arguments=(Argument(name="content", text="quack " * 10_000),)))

    await scene.bob.clicks(shown, "Show everything")

    assert "allow direct messages" in (await scene.told(scene.bob)).text


async def test_a_card_that_one_may_not_see_is_not_shown(scene: Scene) -> None:
    shown = await scene.card()
    scene.door.cards.clear()

    await scene.bob.clicks(shown, "Show everything")

    await scene.told(scene.bob, "may see")
    assert scene.bob.modal is None


@pytest.mark.mistake(9)
@pytest.mark.mistake(25)
@pytest.mark.parametrize("code", [10015, 50027])
async def test_an_answer_that_the_interaction_takes_no_more_goes_by_dm(scene: Scene, code: int) -> None:
    shown = await scene.card()
    scene.discord.fail(FOLLOW_UP, code)

    await scene.bob.clicks(shown, "Approve")

    assert (await scene.discord.message(scene.bob.dm)).text == "You approved it."


@pytest.mark.mistake(9)
async def test_a_card_that_is_decided_after_sixteen_minutes_still_changes(scene: Scene) -> None:
    shown, ref = await scene.posted()
    await scene.bob.clicks(shown, "Deny")
    scene.discord.clock.advance(16 * 60)

    await scene.platform.edit(ref, decided())
    assert not shown.buttons
    receipt = await scene.bob.submits({"Reason": "late"})

    assert receipt.acked
    assert (await scene.door.clicked()).comment == "late"


@pytest.mark.mistake(3)
async def test_a_door_in_trouble_is_no_silence(scene: Scene) -> None:
    shown = await scene.card()
    await scene.door.heard()
    scene.door.trouble.append(OSError("no disk"))

    receipt = await scene.bob.clicks(shown, "Approve")

    assert receipt.acked
    assert "nothing was decided" in (await scene.told(scene.bob)).text


@pytest.mark.mistake(4)
async def test_every_unknown_button_and_form_is_acknowledged(scene: Scene) -> None:
    shown = await scene.card(card(buttons=()))
    strange = {"type": 2, "style": 2, "label": "Old", "custom_id": "from:another:age", "id": 999}
    await scene.discord.until(lambda: shown.components)
    components = (*shown.components, {"type": 1, "id": 998, "components": [strange]})
    shown.says(type(shown.content)("", components, (), ()))

    receipt = await scene.bob.clicks(shown, "Old")

    assert receipt.acked
    assert not scene.door.clicks


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_card_of_an_earlier_process_is_clicked_in_this_one(discord: Discord, door: RecordingDoor) -> None:
    async with started(discord, door) as platform:
        scene = Scene(discord, platform, door)
        shown = await scene.card()
    async with started(discord, door):
        await scene.bob.clicks(shown, "Approve")

        assert (await door.clicked()).token == "pond.7.approve"
        await scene.told(scene.bob)


@pytest.mark.promise(33)
async def test_a_click_that_is_being_answered_while_it_stops_is_answered(discord: Discord, door: RecordingDoor) -> None:
    async with started(discord, door) as platform:
        scene = Scene(discord, platform, door)
        shown = await scene.card()
        await door.heard()
        door.gate.clear()
        receipt = await scene.bob.clicks(shown, "Approve")
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)
        door.gate.set()
        await stopping

    assert receipt.acked
    assert [message.text for message in scene.bob.ephemerals] == ["You approved it."]


# pages

HISTORY = Page(
    title="History",
    entries=(Entry(text="run 3 · completed", detail="how large is the pond?", token="run 3"),),
    older="history before 3",
)
OLDER = Page(title="History", entries=(Entry(text="run 1 · failed"),), newer="history after 1")


async def test_a_page_in_a_dm_is_turned_by_an_edit_and_one_in_a_thread_for_the_clicker_alone(scene: Scene) -> None:
    scene.door.pages["history before 3"] = OLDER
    asked = await scene.alice.mentions(scene.pond, "history")
    direct = ConversationRef(platform="discord", channel=scene.alice.dm.id)
    public = ConversationRef(platform="discord", space=scene.discord.home.id, channel=scene.pond.id, thread=asked.id)
    await scene.platform.post(direct, HISTORY, key="k1")
    await scene.platform.post(public, HISTORY, key="k2")

    (in_dm,) = scene.discord.answers(scene.alice.dm)
    await scene.alice.clicks(in_dm, "Older")
    await scene.discord.until(lambda: "run 1" in in_dm.text)
    assert not scene.alice.ephemerals

    (in_thread,) = scene.discord.answers(scene.pond, asked)
    await scene.alice.clicks(in_thread, "Older")
    assert "run 1" in (await scene.told(scene.alice)).text
    assert "run 3" in in_thread.text
    assert all(direct for _, _, _, direct in scene.door.reads)
