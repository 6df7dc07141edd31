"""The courier: nothing is lost, nothing stays in hand, and nobody waits for another channel's troubles."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.contents import Card, Content, Text
from runtime.errors import PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.records import ConversationRef, MessageRef, UserRef
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import POND, at_work, open_stage

GATED = plans(directive(call("shell_exec_safe", command="sh -c true")))


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


@pytest.mark.promise(10)
async def test_a_card_that_stands_unnoticed_is_found_however_long_nobody_can_look(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED
        looks = 0

        async def unanswered(*about: object) -> None:
            raise PlatformUnclear("the connection broke after the request was sent")

        async def away(*about: object) -> None:
            nonlocal looks
            looks += 1
            if looks < 10:
                raise PlatformUnavailable("Slack cannot be reached")

        stage.wall.hooks |= {"posted": unanswered, "find_posted": away}
        await stage.says_to_mallard("run it")

        await stage.until(lambda: looks == 10)
        await stage.until(stage.is_delivered)
        assert len(stage.wall.messages) == 1


@pytest.mark.promise(9)
@pytest.mark.promise(10)
async def test_a_card_that_stands_while_nobody_can_look_for_long_is_said_as_text_and_closed_as_well(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED

        async def unanswered(message: MessageRef, content: Content) -> None:
            if isinstance(content, Card):
                raise PlatformUnclear("the connection broke after the request was sent")

        async def away(*about: object) -> None:
            raise PlatformUnavailable("Slack cannot be reached")

        stage.wall.hooks |= {"posted": unanswered, "find_posted": away}
        await stage.says_to_mallard("run it")
        await stage.until(stage.wall.texts)
        assert [bool(card.buttons) for card in stage.wall.cards()] == [True]

        del stage.wall.hooks["find_posted"]
        await stage.press("deny")

        await stage.until(stage.is_delivered)
        await stage.until(lambda: len(stage.wall.cards()) == 2)  # an update makes a card of a text
        assert not any(card.buttons for card in stage.wall.cards())


@pytest.mark.promise(9)
async def test_what_is_unclear_for_ever_is_posted_no_more_often_than_it_is_tried(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED
        posts: list[tuple[str, type[Content]]] = []

        async def unanswered(where: ConversationRef, content: Content) -> None:
            posts.append((where.channel, type(content)))
            if where == POND:
                raise PlatformUnclear("Slack failed (internal_error)")

        stage.wall.hooks["post"] = unanswered
        await stage.says_to_mallard("run it")

        await stage.until(lambda: stage.wall.texts("D-UALICE"))
        assert posts == [("C1", Card)] * 6 + [("C1", Text)] * 6 + [("D-UALICE", Text)]


@pytest.mark.promise(31)
async def test_a_stream_that_bore_no_key_bears_it_once_the_courier_has_made_it_exact(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.wall.marks_streams = False

        async def cannot(markdown: str) -> None:
            raise ValueError("a fault of the adapter")

        stage.wall.hooks["finish_answer"] = cannot
        await stage.says_to_mallard("hello")

        await stage.until(lambda: stage.wall.texts() == ["Done."] and stage.is_delivered())
        (answer,) = stage.wall.messages.values()
        assert answer.key


@pytest.mark.promise(9)
@pytest.mark.promise(31)
async def test_only_an_answer_is_looked_for_among_what_was_streamed(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        looks: list[bool] = []

        async def unanswered(*about: object) -> None:
            raise PlatformUnclear("the connection broke after the request was sent")

        async def look(where: object, key: object, streamed: bool) -> None:
            looks.append(streamed)

        stage.says = GATED
        stage.wall.hooks |= {"posted": unanswered, "find_posted": look}
        await stage.says_to_mallard("run it")
        await stage.until(lambda: looks)
        await stage.until(stage.is_delivered)
        assert looks == [False], "a card is no stream that somebody left behind"

        await stage.says_to_mallard("help")
        await stage.until(lambda: len(looks) == 2)
        assert looks == [False, False]


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
