"""What was thought with a memory that is forgotten meanwhile is not recorded: it is thought again, without it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from runtime.memory.records import Forgotten, MemoryId
from runtime.records import RunId
from runtime.states import RunStatus
from storage.events import verify_chain
from tests.fakes.replies import Hang, Refuse, Reply, Say
from tests.fakes.scripted import call, directive, storing
from tests.runtime.afterthoughts.attic import Attic, memory_of, open_attic, thinking
from tests.runtime.stage import ALICE
from tests.storage.memory.leftovers import find_leftovers

TOLD = "The ducks are fed at noon."
SECRET = "at noon"
ASKED = "when are the ducks fed?"


def telling(reply: str) -> Callable[[str], str]:
    """Says so where it was told, and else that it knows nothing."""
    return lambda told: reply if SECRET in told else "I do not know."


def held(says: Callable[[str], str]) -> Callable[[str], Reply]:
    """Its first reply is held until the endpoint is released."""
    times = iter([1])
    return lambda told: Hang(reply=Say(text=says(told))) if next(times, 0) else Say(text=says(told))


async def forget(attic: Attic) -> Forgotten:
    return await attic.stage.store.forget((MemoryId(1),), attic.stage.clock.now(), by=ALICE)


async def is_asked_and_forgets_meanwhile(attic: Attic) -> None:
    """The first reply of a model is held until the memory that the model was told of is gone."""
    await attic.knows(TOLD)
    await attic.stage.says_to_mallard(ASKED)
    await attic.server.until_called(1)

    assert await forget(attic) == Forgotten(memories=1)
    attic.server.release()
    await attic.over()


def breaks(attic: Attic) -> list[object]:
    return list(verify_chain(attic.stage.store.database.reader))


async def test_a_plan_that_was_made_with_it_is_made_again(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        first = directive(call("write_file", path="ducks.txt", content=TOLD), thought=TOLD)
        attic.mind.action = held(lambda told: first if SECRET in told else directive())
        attic.mind.thinker = telling(TOLD)
        await is_asked_and_forgets_meanwhile(attic)

        assert [SECRET in told for told in attic.mind.told["action"]] == [True, False]
        run = attic.stage.run_now()
        assert (run.status, run.answer, len(run.steps)) == (RunStatus.COMPLETED, "I do not know.", 1)
        assert attic.relied(1) == []
        assert attic.stage.deliveries() == [("answer", "sent", "full")]
        assert find_leftovers(tmp_path, SECRET) == []
        assert breaks(attic) == []


async def test_while_a_run_is_worked_with_it_it_is_not_forgotten_and_the_run_goes_on(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        look = directive(call("list_files"))
        attic.mind.action = lambda told: directive() if "Call 1" in told else look
        attic.mind.thinker = telling(TOLD)
        await attic.knows(TOLD)
        refused = list[Forgotten]()

        async def forget_meanwhile(text: object) -> None:
            if str(text).startswith("Running"):
                refused.append(await forget(attic))

        attic.stage.wall.hooks["status"] = forget_meanwhile
        await attic.stage.says_to_mallard(ASKED)
        await attic.over()

        assert refused == [Forgotten(runs_in_the_way=(RunId(1),))]
        assert ["fed at noon" in told for told in attic.mind.told["action"]] == [True, True], "it is looked up once"
        assert (attic.stage.run_now().answer, attic.relied(1)) == (TOLD, [1])
        assert memory_of(attic, 1).uses == 1, "however many steps had it at hand"
        assert await forget(attic) == Forgotten(memories=1)


async def test_an_answer_that_was_shown_half_is_given_again_and_the_message_says_what_was_committed(
    tmp_path: Path,
) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.thinker = telling(f"They are fed like this: {TOLD}")
        stage = attic.stage
        await attic.knows(TOLD, expires_at=stage.clock.now() + timedelta(hours=1))
        shown, exact = list[str](), list[str]()

        async def made_exact(markdown: object) -> None:
            exact.append(str(markdown))

        async def let_it_expire(message: object, content: object) -> None:
            del stage.wall.hooks["posted"]
            stage.clock.at += timedelta(hours=2)
            shown.append(str(content))
            assert await stage.store.expire_memories(stage.clock.now()) == 1

        stage.wall.hooks |= {"posted": let_it_expire, "finish_answer": made_exact}
        await stage.says_to_mallard(ASKED)
        await attic.over()
        await stage.until(stage.is_delivered)

        assert shown, "something of the first answer was seen"
        assert exact == ["I do not know."], "by the worker that has the message open, not behind its back"
        assert [SECRET in told for told in attic.mind.told["thinker"]] == [True, False]
        assert (stage.run_now().answer, stage.wall.texts()) == ("I do not know.", ["I do not know."])
        assert stage.deliveries() == [("answer", "sent", "full")]
        await stage.store.scour()
        assert find_leftovers(tmp_path, SECRET) == []


async def forgets_while_it_is_planned(attic: Attic, *, then: Sequence[Reply]) -> None:
    """The first words of a planner tell it, and are said once it is forgotten; what follows goes wrong, and then nothing does."""
    replies: Iterator[Reply] = iter([Hang(reply=Say(text=TOLD)), *then])
    attic.mind.action = lambda told: next(replies, Say(text=directive()))
    attic.mind.thinker = telling(TOLD)
    await is_asked_and_forgets_meanwhile(attic)


async def test_what_went_wrong_with_a_plan_is_not_recorded_either(tmp_path: Path) -> None:
    """What the model had said until then would be, with the failure that puts the run back."""
    async with open_attic(tmp_path) as attic, thinking(attic):
        await forgets_while_it_is_planned(attic, then=[Refuse(status=400)])

        assert [SECRET in told for told in attic.mind.told["action"]] == [True, True, False]
        assert attic.stage.run_now().answer == "I do not know."
        assert find_leftovers(tmp_path, SECRET) == []


async def test_what_a_model_says_that_was_away_then_is_not_recorded_either(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        await forgets_while_it_is_planned(attic, then=[Refuse(status=503)] * 3)

        assert attic.stage.run_now().answer == "I do not know."
        assert find_leftovers(tmp_path, SECRET) == []


async def test_a_run_that_was_put_back_says_what_it_had_at_hand(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        replies: Iterator[Reply] = iter([Say(text=TOLD)])
        attic.mind.action = lambda told: next(replies, Refuse(status=503))
        await attic.knows(TOLD)
        await attic.stage.says_to_mallard(ASKED)
        await attic.stage.run(1, RunStatus.QUEUED)
        assert attic.relied(1) == [1]
        assert find_leftovers(tmp_path, SECRET) != []

        assert await forget(attic) == Forgotten(memories=1)
        assert find_leftovers(tmp_path, SECRET) == []


async def test_a_thought_about_a_run_that_was_shown_it_is_dropped(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = held(lambda told: storing(f"Not like it: {TOLD}"))
        await attic.knows(TOLD)
        await attic.stage.says_to_mallard(ASKED)
        await attic.server.until_called(4)
        assert any(TOLD in told for told in attic.mind.told["memory"])

        assert await forget(attic) == Forgotten(memories=1)
        attic.server.release()
        await attic.over()

        assert await attic.memories() == []
        assert attic.kinds() == {"memory": "done", "reflection": "done"}
        assert find_leftovers(tmp_path, SECRET) == []
