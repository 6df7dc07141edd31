"""What the courier puts off: as long as a platform asks, for all that goes there, whatever becomes of the clock."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.contents import Card, Content
from runtime.errors import PlatformLimited, PlatformUnavailable
from runtime.records import ConversationRef
from tests.runtime.stage import ALICE, BOB, GATED, NOON, at_work, open_stage


@pytest.mark.mistake(21)
@pytest.mark.parametrize("seconds", [30.0, 0.0, None])
async def test_a_platform_that_asks_for_patience_is_asked_once_and_then_gets_the_card_first(
    tmp_path: Path, seconds: float | None
) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = GATED
        posts: list[type[Content]] = []

        async def not_now(where: ConversationRef, content: Content) -> None:
            posts.append(type(content))
            if stage.clock.at < NOON + timedelta(seconds=30):
                raise PlatformLimited("Slack asks for patience", retry_after=seconds)

        stage.wall.hooks["post"] = not_now
        for _ in range(5):
            await stage.says_to_mallard("help")
        await stage.says_to_mallard("run it")
        await stage.run(1)
        await stage.until(lambda: posts and {status for _, status, _ in stage.deliveries()} == {"owed"})
        assert len(posts) == 1

        stage.clock.at += timedelta(seconds=30)
        stage.signals.wake_all()

        await stage.until(lambda: len(posts) == 7 and stage.is_delivered())
        assert posts[1] is Card


async def test_a_clock_that_is_set_back_holds_no_delivery(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def not_now(*about: object) -> None:
            del stage.wall.hooks["post"]
            raise PlatformUnavailable("Slack cannot be reached", retry_after=2)

        stage.wall.hooks["post"] = not_now
        await stage.says_to_mallard("help")
        await stage.until(lambda: "post" not in stage.wall.hooks and not stage.is_delivered())
        await stage.until(lambda: stage.deliveries()[0][1] == "owed")

        stage.clock.at -= timedelta(hours=2)
        stage.signals.wake_all()

        await stage.until(stage.wall.pages)


@pytest.mark.mistake(21)
async def test_a_platform_that_asks_for_an_hour_is_left_alone_for_an_hour(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        posts = 0

        async def not_now(*about: object) -> None:
            nonlocal posts
            posts += 1
            if posts == 1:
                raise PlatformLimited("Slack asks for patience", retry_after=3600)

        stage.wall.hooks["post"] = not_now
        await stage.says_to_mallard("help")
        for _ in range(12):
            await stage.until(lambda: posts == 1 and stage.put_off_until() > stage.clock.at)
            stage.clock.at = stage.put_off_until()
            stage.signals.wake_all()

        await stage.until(stage.wall.pages)
        assert stage.clock.at == NOON + timedelta(hours=1)


@pytest.mark.mistake(21)
async def test_patience_that_is_asked_for_with_one_person_alone_holds_up_nobody_else(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        for person in (ALICE, BOB):
            alone = ConversationRef.alone_with(person)
            await stage.store.owe_notice(alone, direct=True, to=person, markdown="hello", at=stage.clock.now())

        async def not_for_the_first(where: ConversationRef, content: Content) -> None:
            del stage.wall.hooks["post"]
            raise PlatformLimited("Slack asks for patience", retry_after=3600)

        stage.wall.hooks["post"] = not_for_the_first
        async with at_work(stage):
            await stage.until(lambda: stage.wall.texts() == ["hello"])
