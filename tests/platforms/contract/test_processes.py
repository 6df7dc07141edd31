"""Promises 2, 31, 32 and 33, with real processes: whatever becomes of one, the next goes on where it stopped."""

import asyncio

import pytest

from tests.platforms.contract.service import Service

PATIENCE = 30.0


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_killed_while_a_card_waits_the_old_card_decides_once_and_its_call_runs_once(service: Service) -> None:
    await service.start()
    await service.says("run: echo ran >> ran.txt")
    card = await service.card(1)
    await service.kill()
    assert service.lines() == []

    await service.start()
    await service.clicks(card, "Approve")
    await service.is_told("Approved by")
    await service.hears("exit status 0")
    await service.clicks(card, "Approve")
    await service.is_told("settled before you: Approved by")

    assert service.lines() == ["ran"]
    assert service.heard("exit status 0") == 1


@pytest.mark.promise(33)
async def test_asked_to_stop_while_a_card_waits_it_ends_and_the_card_works_in_the_next_process(
    service: Service,
) -> None:
    await service.start()
    await service.says("run: echo ran >> ran.txt")
    card = await service.card(1)
    await service.stop()

    await service.start()
    await service.clicks(card, "Approve")
    await service.hears("exit status 0")

    assert service.lines() == ["ran"]


@pytest.mark.promise(31)
@pytest.mark.promise(32)
async def test_killed_in_mid_call_it_asks_what_became_of_the_call_and_repeats_nothing(service: Service) -> None:
    await service.start()
    await service.says("run: echo ran >> ran.txt; while [ ! -e go ]; do sleep 0.02; done")
    await service.clicks(await service.card(1), "Approve")
    async with asyncio.timeout(PATIENCE):
        while not service.lines():  # noqa: ASYNC110  a file system tells nobody
            await asyncio.sleep(0.01)
    await service.kill()
    (service.folder / "workspace" / "go").touch()  # nobody is left to end what the call began

    await service.start()
    unclear = await service.card(2)
    assert "did shell_exec_safe take effect?" in unclear.text
    await service.clicks(unclear, "Mark done")

    await service.is_told("Marked as done by")
    await service.hears("checked and says that this call took effect")
    assert service.lines() == ["ran"]
