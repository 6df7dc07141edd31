"""Promises 12 and 13 on Slack: what its forms bring, what its limits leave out, and where that can be read."""

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.fakes.slack import Message
from tests.stories.plots import AWKWARD, RUN
from tests.stories.world import World


def writing(content: str) -> str:
    return directive(call("write_file", path="out.txt", content=content))


async def asked_to_write(world: World, content: str) -> Message:
    world.model_plans(writing(content))
    await world.alice.mentions(world.pond, "write it")
    await world.run(1, RunStatus.WAITING)
    return await world.card()


@pytest.mark.promise(12)
@pytest.mark.parametrize("unit", AWKWARD)
async def test_a_reason_of_any_kind_makes_a_valid_card(world: World, unit: str) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()

    await world.bob.clicks(card, "Deny")
    await world.slack.until(lambda: world.bob.modal)
    await world.bob.submits(values={"Reason": (AWKWARD[unit] * 100)[:1_000]})

    await world.closed(card, saying="Denied by bob")
    assert card.pings == ()
    assert world.slack.violations == []


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
    assert "    duck\n" * 10_000 in file.files[0].text
    await world.alice.mentions(world.pond, "approve 1", thread=said)
    await world.slack.until(lambda: "Approved by" in said.text)
    assert (await world.run(1, RunStatus.COMPLETED)).answer == "Done."
