"""Every click is acknowledged at once, reaches the door with its token, and is answered to the clicker alone."""

import asyncio

import pytest

from runtime.agent import Outcome
from runtime.door import Settlement
from runtime.records import UserRef
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import started
from tests.platforms.on_discord.scenes import Scene
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card, decided

AT_ONCE = 1.0
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
FOLLOW_UP = "POST /webhooks/{application}/{token}"


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
    await scene.discord.until(lambda: len(scene.bob.ephemerals) == 3)

    assert [(clicked.token, clicked.comment) for clicked in scene.door.clicks] == [
        ("pond.7.approve", ""),
        ("pond.7.deny", "too early"),
    ]
    assert [asked.text for asked in scene.door.requests] == ["do something"]
    assert not scene.discord.answers(scene.bob.dm)


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
