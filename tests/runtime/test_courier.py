"""The courier: nothing is lost, nothing stays in hand, and nobody waits for another channel's troubles."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.contents import Card, Content
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.records import ConversationRef, MessageRef, UserRef
from tests.runtime.stage import GATED, POND, at_work, open_stage


@pytest.mark.promise(9)
async def test_an_answer_whose_streamed_message_was_deleted_comes_whole_in_a_direct_message(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def gone(message: MessageRef, content: Content) -> None:
            if message.where.channel == POND.channel:
                raise PlatformRefused("message_not_found")

        async def cannot(markdown: str) -> None:
            stage.wall.hooks["edit"] = gone
            raise ValueError("a fault of the adapter")

        stage.wall.hooks["finish_answer"] = cannot
        await stage.says_to_mallard("hello")

        await stage.until(lambda: stage.wall.texts("D-UALICE"))
        await stage.until(stage.is_delivered)
        assert stage.wall.texts("D-UALICE") == ["Done."]


@pytest.mark.promise(10)
async def test_a_card_that_had_to_be_a_text_is_closed_as_a_text(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED

        async def no_cards(*about: object) -> None:
            if isinstance(about[-1], Card):
                raise PlatformRefused("invalid_blocks")

        stage.wall.hooks |= {"post": no_cards, "edit": no_cards}
        await stage.says_to_mallard("run it")
        await stage.until(lambda: stage.wall.texts())

        await stage.press("deny")

        await stage.until(lambda: "Denied" in stage.wall.texts()[0])
        assert ("card_update", "dead", "full") not in stage.deliveries()


@pytest.mark.promise(9)
async def test_an_outage_that_lasts_longer_than_all_tries_loses_nothing(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED
        tries = 0

        async def away(*about: object) -> None:
            nonlocal tries
            tries += 1
            if tries < 40:
                raise PlatformUnavailable("Slack cannot be reached")

        stage.wall.hooks |= {"post": away, "direct_message": away}
        await stage.says_to_mallard("run it")

        await stage.until(lambda: stage.wall.messages)
        await stage.until(stage.is_delivered)
        assert [status for _, status, _ in stage.deliveries()] == ["sent"]


async def test_a_fault_of_an_adapter_ends_no_deliveries_but_its_own(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def faulty(*about: object) -> None:
            if about[0] == POND or isinstance(about[0], UserRef):
                raise ValueError("a fault of the adapter")

        stage.wall.hooks |= {"post": faulty, "direct_message": faulty}
        await stage.says_to_mallard("help")
        await stage.says_to_mallard("hello")
        await stage.says_to_mallard("help", where=replace(POND, channel="C2"))

        await stage.until(lambda: stage.wall.pages())


async def test_a_channel_that_is_slow_holds_up_no_other(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        slow = asyncio.Event()

        async def at_its_own_pace(where: ConversationRef, content: Content) -> None:
            if where == POND:
                await slow.wait()

        stage.wall.hooks["post"] = at_its_own_pace
        for _ in range(40):
            await stage.says_to_mallard("help")
        await stage.says_to_mallard("help", where=replace(POND, channel="C2"))

        await stage.until(lambda: stage.wall.pages())
        slow.set()
        await stage.until(lambda: len(stage.wall.pages()) == 41)


async def test_a_card_goes_before_whatever_else_its_channel_is_owed(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED
        slow, posted = asyncio.Event(), list[type[Content]]()

        async def at_its_own_pace(where: ConversationRef, content: Content) -> None:
            await slow.wait()
            posted.append(type(content))

        stage.wall.hooks["post"] = at_its_own_pace
        for _ in range(5):
            await stage.says_to_mallard("help")
        await stage.says_to_mallard("run it")
        await stage.run(1)
        slow.set()
        await stage.until(lambda: len(posted) == 6)

        assert posted.index(Card) == 1  # behind what was being posted already


@pytest.mark.promise(33)
async def test_what_waits_for_its_turn_at_the_end_is_put_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        async with at_work(stage):
            slow = asyncio.Event()

            async def at_its_own_pace(where: ConversationRef, content: Content) -> None:
                await slow.wait()

            stage.wall.hooks["post"] = at_its_own_pace
            for _ in range(5):
                await stage.says_to_mallard("help")
            await stage.until(lambda: [status for _, status, _ in stage.deliveries()].count("sending") == 5)
            stage.courier.stop()
            slow.set()

        assert [status for _, status, _ in stage.deliveries()] == ["sent"] + ["owed"] * 4
