"""A card of which a part stands and the rest is refused: what stands is closed with its copy."""

from pathlib import Path

import pytest

from runtime.contents import Card, Content, File
from runtime.errors import PlatformRefused
from runtime.records import ConversationRef
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import at_work, open_stage


@pytest.mark.promise(9)
@pytest.mark.promise(10)
async def test_a_card_in_text_whose_file_is_refused_is_closed_like_the_copy_that_replaces_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(directive(call("shell_exec_safe", command=f"sh -c 'echo {'x' * 3_000}'")))

        async def takes_text_alone(where: ConversationRef, content: Content) -> None:
            if isinstance(content, Card) or (isinstance(content, File) and not where.channel.startswith("D-")):
                raise PlatformRefused(f"no {type(content).__name__} here")

        stage.wall.hooks["post"] = takes_text_alone
        await stage.says_to_mallard("run it")
        await stage.run(1, RunStatus.WAITING)
        await stage.until(stage.is_delivered)
        asking = [each for each in stage.wall.messages.values() if "write one of" in str(each.content)]
        assert len(asking) == 2  # what stands of it, and the copy that reached the person alone

        await stage.press("deny")
        await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

        assert not any("write one of" in str(each.content) for each in stage.wall.messages.values())
