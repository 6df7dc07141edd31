"""Promises 12 and 13: whatever the arguments hold, the card is valid, and every argument can be read from it."""

import re

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack import Message, Person
from tests.stories.plots import RUN
from tests.stories.world import World

UNITS = {
    "markup": "a & b < c > d &amp; <!channel> <@UBOB> <https://example.org|here> ",
    "backticks": "```\n`code` *bold* _slanted_ ~gone~ > quoted\n# heading\n",
    "emoji": "👩‍👩‍👧‍👦🦆🏴‍☠️ :duck: ",
    "right to left": "\u202e\u2066שלום عالم\u2069 \u200f",
    "control": "".join(map(chr, range(0x01, 0x20))) + "\x7f\u0085\u2028\u2029\ufeff\u00ad",
    "one long word": "x",
    "blank": " \n\t",
    "everything": "& < > ``` 🦆 \u202e \x07 \u2028 <!here> @channel שלום ",
}
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\xad\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""What would hide or reorder the characters beside it."""
SIZES = {"short": 1, "megabyte": 1_000_000}


def writing(content: str) -> str:
    return directive(call("write_file", path="out.txt", content=content))


async def asked_to_write(world: World, content: str) -> Message:
    world.model_plans(writing(content))
    await world.alice.mentions(world.pond, "write it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


def without_breaks(text: str) -> str:
    """A modal shows long texts in several pieces."""
    return text.replace("\n", "")


async def shown_whole(world: World, who: Person, card: Message) -> str:
    """What the person gets from "Show everything": the modal's text, or the file's where there is one."""
    await who.clicks(card, "Show everything")
    await world.slack.until(lambda: who.modal)
    assert who.modal is not None
    if "left out" not in who.modal.text:
        return who.modal.text
    file = await world.slack.message(who.dm, contains="[file approval-")
    return file.files[0].text


@pytest.mark.promise(12)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("unit", UNITS)
async def test_any_payload_makes_a_valid_card_when_posted_and_when_updated(world: World, unit: str, size: str) -> None:
    world.slack.patience = 20  # a megabyte of what must all be written out takes a slow machine its time
    text = (UNITS[unit] * SIZES[size])[: max(SIZES[size], len(UNITS[unit]))]
    card = await asked_to_write(world, text)
    assert "Approve" in card.labels
    assert card.pings == ()
    assert not HIDDEN.search(card.text)

    await world.alice.clicks(card, "Approve")

    await world.closed(card, saying="Approved by alice")
    assert card.pings == ()
    assert not HIDDEN.search(card.text)
    assert (await world.run(1, RunStatus.COMPLETED)).answer == "Done."
    assert (world.files / "out.txt").read_bytes() == text.encode()
    assert world.slack.violations == []


@pytest.mark.promise(12)
@pytest.mark.parametrize("unit", UNITS)
async def test_a_models_claim_of_any_kind_makes_a_valid_card_too(world: World, unit: str) -> None:
    claim = (UNITS[unit] * 20_000)[:20_000]
    world.model_plans(directive(call("shell_exec_safe", claim, command="true")))
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await world.bob.clicks(card, "Deny")
    await world.slack.until(lambda: world.bob.modal)
    await world.bob.submits(values={"Reason": (UNITS[unit] * 100)[:1_000]})

    await world.closed(card, saying="Denied by bob")
    assert card.pings == ()
    assert world.slack.violations == []


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "after a restart"])
@pytest.mark.parametrize("size", [20, 9_000, 45_000, 999_980])
async def test_every_argument_can_be_read_from_the_card(world: World, size: int, restarts: bool) -> None:
    content = "".join(f"{number:08d}\n" for number in range(size // 9 + 1))
    card = await asked_to_write(world, content)
    if restarts:
        await world.restart()

    whole = await shown_whole(world, world.alice, card)

    assert without_breaks(content) in without_breaks(whole)
    assert "out.txt" in whole
    assert (await world.run()).steps[0].calls[0].digest[:16] in whole


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_a_shortened_card_says_by_how_many_bytes_and_shows_the_whole_digest(world: World) -> None:
    content = "duck 🦆 " * 50_000
    card = await asked_to_write(world, content)
    call_ = (await world.run()).steps[0].calls[0]

    told = [line for line in card.text.splitlines() if "bytes of this are left out" in line]
    left_out = [int(line.split()[1].replace(",", "")) for line in told]
    assert told
    assert sum(left_out) <= len(content.encode()) + len(call_.preview.encode())
    assert f"{sum(left_out):,} bytes do not fit here. SHA-256 of the whole call: `{call_.digest}`" in card.text


@pytest.mark.promise(13)
async def test_what_was_shown_can_still_be_read_when_it_is_decided(world: World) -> None:
    content = "line\n" * 30_000
    card = await asked_to_write(world, content)
    old = card.snapshot()
    await world.alice.clicks(card, "Approve")
    await world.answer()

    await world.alice.clicks(old, "Show everything")

    file = await world.slack.message(world.alice.dm, contains="[file approval-1")
    assert content in file.files[0].text


@pytest.mark.promise(13)
async def test_whoever_may_not_see_a_run_cannot_read_its_card(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.dms("run it")
    card = await world.card(place=world.alice.dm)

    await world.mallory.clicks(card.snapshot(), "Show everything")

    await world.slack.ephemeral(world.mallory, contains="nothing here any more that you may see")
    assert world.mallory.modal is None


@pytest.mark.promise(13)
async def test_a_card_that_stands_as_text_has_the_whole_call_beside_it_as_a_file(world: World) -> None:
    content = "duck\n" * 10_000
    world.slack.fail("chat.postMessage", "invalid_blocks", times=None, when=lambda c: "actions" in str(c.get("blocks")))
    world.model_plans(writing(content))
    await world.alice.mentions(world.pond, "write it")

    said = await world.slack.message(world.pond, contains="approve 1")
    file = await world.slack.message(world.pond, contains="[file approval-1.txt]")

    digest = (await world.run()).steps[0].calls[0].digest
    assert f"{len(content.encode())} bytes in all" in said.text
    assert digest in said.text
    assert content in file.files[0].text
    await world.alice.mentions(world.pond, "approve 1", thread=said)
    await world.slack.until(lambda: "Approved by" in said.text)
    assert (await world.run(1, RunStatus.COMPLETED)).answer == "Done."
