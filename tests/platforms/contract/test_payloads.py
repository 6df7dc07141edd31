"""Promises 12 and 13: whatever the arguments hold, the card is valid, and every argument can be read from it."""

import re

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.scene import Card, Scene
from tests.stories.plots import AWKWARD

HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\xad\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""What would hide or reorder the characters beside it."""
SIZES = {"short": 1, "megabyte": 1_000_000}


async def asked_to_write(scene: Scene, content: str) -> Card:
    scene.model_plans(directive(call("write_file", path="out.txt", content=content)))
    await scene.says("write it")
    await scene.run(1, RunStatus.WAITING)
    return await scene.card()


def without_blanks(text: str) -> str:
    """A long text may be shown in pieces, or indented."""
    return "".join(text.split())


@pytest.mark.promise(12)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("unit", AWKWARD)
async def test_any_payload_makes_a_valid_card_when_posted_and_when_updated(scene: Scene, unit: str, size: str) -> None:
    text = (AWKWARD[unit] * SIZES[size])[: max(SIZES[size], len(AWKWARD[unit]))]
    card = await asked_to_write(scene, text)
    assert "Approve" in card.labels
    assert not HIDDEN.search(card.text)

    await scene.clicks(card, "Approve", by=scene.asker)

    await scene.closed(card, saying=f"Approved by {scene.asker.name}")
    assert not HIDDEN.search(card.text)
    assert (await scene.run(1, RunStatus.COMPLETED)).answer == "Done."
    assert (scene.files / "out.txt").read_bytes() == text.encode()
    assert scene.disturbances() == []


@pytest.mark.promise(12)
@pytest.mark.parametrize("unit", AWKWARD)
async def test_a_models_claim_of_any_kind_makes_a_valid_card_too(scene: Scene, unit: str) -> None:
    claim = (AWKWARD[unit] * 20_000)[:20_000]
    scene.model_plans(directive(call("shell_exec_safe", claim, command="sh -c true")))
    await scene.says("run it")
    card = await scene.card()
    assert not HIDDEN.search(card.text)

    await scene.clicks(card, "Deny")

    await scene.closed(card, saying=f"Denied by {scene.approver.name}")
    assert scene.disturbances() == []


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "after a restart"])
@pytest.mark.parametrize("size", [20, 9_000, 45_000, 999_980])
async def test_every_argument_can_be_read_from_the_card(scene: Scene, size: int, restarts: bool) -> None:
    content = "".join(f"{number:08d}\n" for number in range(size // 9 + 1))
    card = await asked_to_write(scene, content)
    if restarts:
        await scene.restart()

    whole = await scene.reads_whole(card)

    assert without_blanks(content) in without_blanks(whole)
    assert "out.txt" in whole
    assert (await scene.run()).steps[0].calls[0].digest[:16] in whole


CODE = b"open('ran.txt','a').write('pwned')"
UNSEEN = "".join(chr(0xE0100 + byte) for byte in CODE)
WRITTEN_OUT = "".join(f"\\U{ord(character):08x}" for character in UNSEEN)


@pytest.mark.promise(13)
async def test_code_in_characters_that_nobody_sees_stands_on_the_card(scene: Scene) -> None:
    command = f"python3 -c \"exec(bytes(ord(c)-917760 for c in '{UNSEEN}'))\""
    scene.model_plans(directive(call("shell_exec_safe", command=command)))
    await scene.says("run it")

    shown = without_blanks((await scene.card()).text)

    assert f"forcin'{WRITTEN_OUT}'" in shown
    assert not set(UNSEEN) & set(shown)


@pytest.mark.promise(13)
async def test_content_in_characters_that_nobody_sees_stands_on_the_card_and_in_the_difference(scene: Scene) -> None:
    card = await asked_to_write(scene, f"duck{UNSEEN}\nrm\u00a0-rf\u3164x\u2800y\n")

    shown = without_blanks(card.text)

    assert f"+duck{WRITTEN_OUT}+rm\\u00a0-rf\\u3164x\\u2800y" in shown
    assert shown.count(WRITTEN_OUT) == 2


@pytest.mark.promise(13)
async def test_what_was_shown_can_still_be_read_when_it_is_decided(scene: Scene) -> None:
    content = "line\n" * 30_000
    card = await asked_to_write(scene, content)
    await scene.clicks(card, "Approve", by=scene.asker)
    await scene.answer()

    whole = await scene.reads_whole(card)

    assert without_blanks(content) in without_blanks(whole)


@pytest.mark.promise(13)
@pytest.mark.mistake(20)
async def test_a_shortened_card_says_by_how_many_bytes_and_shows_the_digest(scene: Scene) -> None:
    command = "echo " + "duck 🦆 " * 5_000
    scene.model_plans(directive(call("shell_exec_safe", command=command)))
    await scene.says("run it")
    card = await scene.card()

    left_out = {int(number.replace(",", "")) for number in re.findall(r"([\d,]+) bytes", card.text)}

    assert len(left_out) == 1
    assert len(command.encode()) - len(card.text.encode()) < left_out.pop() < len(command.encode())
    assert (await scene.run()).steps[0].calls[0].digest[:12] in card.text
