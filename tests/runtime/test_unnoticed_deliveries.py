"""What may stand on a platform without our knowledge is found, closed, and not posted again and again."""

from pathlib import Path

import pytest

from runtime.contents import Card, Content, Text
from runtime.errors import PlatformUnavailable, PlatformUnclear
from runtime.records import ConversationRef, MessageRef
from tests.runtime.stage import GATED, POND, at_work, open_stage


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
