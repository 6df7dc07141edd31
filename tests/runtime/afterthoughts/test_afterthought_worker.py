"""Afterthoughts stand behind people: nothing waits for them, each is done once, and what goes wrong is theirs alone."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.afterthoughts.records import AfterthoughtKind
from runtime.afterthoughts.worker import PAUSES
from runtime.models.port import Role
from runtime.records import ConversationRef, Run, RunId
from runtime.signals import Signal
from runtime.states import RunStatus
from storage.events import erase_payloads, verify_chain
from tests.fakes.replies import Hang, Refuse, Reply, Say
from tests.fakes.scripted import AFTERWARDS, ScriptedModel, plans
from tests.runtime.afterthoughts.attic import Attic, open_attic, reflecting, storing, thinking
from tests.runtime.stage import NOON, at_work, open_stage

ELSEWHERE = ConversationRef(platform="slack", space="T1", channel="C2", thread="1.0")


def hanging(told: str) -> Reply:
    return Hang(reply=Say(text=storing("The ducks are grey.")))


async def test_a_memory_model_that_hangs_delays_nobody(tmp_path: Path) -> None:
    async with open_attic(tmp_path, lanes=1) as attic, thinking(attic):
        attic.mind.memory = hanging
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.stage.run(1)
        await attic.stage.until(lambda: attic.mind.told["memory"])

        await attic.stage.says_to_mallard("and the swans?")
        assert (await attic.stage.run(2)).answer == "Done."

        assert attic.kinds(1) == {"memory": "running", "reflection": "owed"}
        attic.server.release()
        await attic.over(2)
        assert [memory.text for memory in await attic.memories()][:1] == ["The ducks are grey."]


async def test_an_answer_is_committed_before_anybody_thinks_about_it(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        seen = list[str]()

        def look(told: str) -> str:
            seen.append(attic.stage.run_now().status)
            return AFTERWARDS[Role.MEMORY]

        attic.mind.memory = look
        await attic.stage.says_to_mallard("hello")
        await attic.over()
        assert seen == [RunStatus.COMPLETED]


async def pass_the_pause(attic: Attic, attempts: int, kind: str = "memory") -> None:
    await attic.stage.until(lambda: attic.attempts(1, kind) == attempts)
    attic.stage.clock.at += PAUSES[attempts - 1]
    attic.stage.signals.wake((Signal.AFTERTHOUGHTS,))


async def test_a_model_that_is_away_is_asked_again_after_a_pause(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = lambda told: Refuse(status=503)
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.stage.until(lambda: attic.kinds() == {"memory": "owed", "reflection": "done"})
        attic.mind.memory = lambda told: storing("The ducks are grey.")
        await pass_the_pause(attic, 1)
        await attic.over()

        assert [memory.text for memory in await attic.memories()] == ["The ducks are grey."]
        assert attic.stage.events_of(1, "memory_policy_failed") == ()


async def test_a_model_that_asks_for_a_longer_wait_gets_it(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = lambda told: Refuse(status=429, retry_after="900")
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.stage.until(lambda: attic.attempts() == 1 and attic.kinds()["reflection"] == "done")

        due = attic.stage.store.next_afterthought(frozenset({"slack"}))
        assert due == attic.stage.clock.now() + timedelta(minutes=15)
        assert len(attic.mind.told["memory"]) == 1


@pytest.mark.parametrize("kind", ["memory", "critic"])
async def test_after_three_attempts_it_failed_which_is_an_event_and_no_failed_run(tmp_path: Path, kind: str) -> None:
    name = "reflection" if kind == "critic" else kind
    async with open_attic(tmp_path) as attic, thinking(attic):
        setattr(attic.mind, kind, lambda told: Refuse(status=503))
        await attic.stage.says_to_mallard("the ducks are grey")
        for attempts in (1, 2):
            await pass_the_pause(attic, attempts, name)
        await attic.over()

        assert attic.kinds()[name] == "failed"
        body = attic.body_of("reflection_failed" if kind == "critic" else "memory_policy_failed")
        assert (body["of"], body["attempts"]) == (name, 3)
        assert "503" in body["why"]
        assert attic.stage.run_now().status == RunStatus.COMPLETED
        assert list(verify_chain(attic.stage.store.database.reader)) == []


async def test_a_model_that_refuses_is_not_asked_again(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = lambda told: Refuse(status=401)
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.over()
        assert (attic.kinds()["memory"], attic.attempts()) == ("failed", 1)


async def test_who_stops_puts_back_what_was_being_thought(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic:
        async with thinking(attic):
            attic.mind.memory = attic.mind.critic = hanging
            await attic.stage.says_to_mallard("the ducks are grey")
            await attic.stage.until(lambda: set(attic.kinds().values()) == {"running"})
        assert attic.kinds() == {"memory": "owed", "reflection": "owed"}
        assert (attic.attempts(1, "memory"), attic.attempts(1, "reflection")) == (0, 0)

    async with open_attic(tmp_path) as attic, thinking(attic):
        await attic.over()
        assert attic.kinds() == {"memory": "done", "reflection": "done"}


async def test_what_two_processes_find_owed_is_done_once(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as one, open_attic(tmp_path) as other:
        for attic in (one, other):
            attic.mind.memory = lambda told: storing("The ducks are grey.")
            attic.mind.critic = lambda told: reflecting(lesson="Look at the ducks.")
        async with at_work(one.stage):
            for number in range(1, 6):
                where = ConversationRef(platform="slack", space="T1", channel="C1", thread=f"{number}.0")
                await one.stage.says_to_mallard("the ducks are grey", where=where)
                await one.stage.run(number)
        async with thinking(one), thinking(other):
            for number in range(1, 6):
                await one.over(number)

        assert len(one.mind.told["memory"]) + len(other.mind.told["memory"]) == 5
        for number in range(1, 6):
            for type_ in ("memory_policy_decision", "reflection_completed"):
                assert len(one.stage.events_of(number, type_)) == 1


async def test_in_a_conversation_one_is_decided_after_another(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = hanging
        for number in (1, 2):
            await attic.stage.says_to_mallard("the ducks are grey")
            await attic.stage.run(number)
        await attic.stage.says_to_mallard("the ducks are grey", where=ELSEWHERE)
        await attic.stage.run(3)
        await attic.stage.until(lambda: len(attic.mind.told["memory"]) == 2)
        assert [attic.kinds(number)["memory"] for number in (1, 2, 3)] == ["running", "owed", "running"]
        attic.server.release()
        for number in (1, 2, 3):
            await attic.over(number)


async def test_nothing_is_thought_about_what_was_forgotten(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic:
        async with at_work(attic.stage):
            await attic.stage.says_to_mallard("the ducks are grey")
            await attic.stage.run(1)
        await attic.stage.store.database.write(lambda tx: erase_payloads(tx, 1, [1], NOON))
        async with thinking(attic):
            await attic.over()
        assert attic.mind.told["memory"] == []
        assert attic.kinds() == {"memory": "done", "reflection": "done"}


async def test_what_is_forgotten_while_it_is_thought_about_is_not_remembered(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = hanging
        attic.mind.critic = lambda told: Hang(reply=Say(text=reflecting(lesson="The ducks are grey.")))
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.stage.until(lambda: set(attic.kinds().values()) == {"running"})
        await attic.stage.store.database.write(lambda tx: erase_payloads(tx, 1, [1], NOON))
        attic.server.release()
        await attic.over()

        assert await attic.memories() == []
        assert attic.stage.store.find_experience(RunId(1)) is None
        assert list(verify_chain(attic.stage.store.database.reader)) == []


async def test_a_run_that_is_removed_while_it_is_thought_about_leaves_nothing(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.memory = hanging
        await attic.stage.says_to_mallard("the ducks are grey")
        await attic.stage.until(lambda: attic.kinds() == {"memory": "running", "reflection": "done"})
        await attic.stage.until(attic.stage.is_delivered)
        await attic.stage.store.database.write(lambda tx: tx.execute("DELETE FROM runs"))
        attic.server.release()
        await attic.stage.says_to_mallard("hello", where=ELSEWHERE)
        await attic.over(2)
        assert [memory.run_id for memory in await attic.memories()] == []


class Broken:
    async def think(self, run: Run) -> None:
        raise RuntimeError("a fault of ours")


async def test_a_fault_of_ours_is_an_attempt_and_no_end_of_the_process(tmp_path: Path) -> None:
    thinkers = {AfterthoughtKind.MEMORY: Broken()}
    async with open_attic(tmp_path, thinkers=thinkers, reflect=False) as attic, thinking(attic):
        await attic.stage.says_to_mallard("the ducks are grey")
        for attempts in (1, 2):
            await pass_the_pause(attic, attempts)
        await attic.over()
        assert attic.body_of("memory_policy_failed")["why"] == "a fault of ours (RuntimeError)"


async def test_without_a_language_model_nobody_has_afterthoughts(tmp_path: Path) -> None:
    mind = ScriptedModel(plans())
    mind.is_language_model = False
    async with open_stage(tmp_path, mind=mind) as stage, at_work(stage):
        await stage.says_to_mallard("hello")
        await stage.run(1, RunStatus.COMPLETED)
        assert stage.store.database.read_rows("SELECT * FROM afterthoughts") == []


async def test_who_was_stopped_leaves_nothing_to_think_about(tmp_path: Path) -> None:
    async with open_attic(tmp_path) as attic, thinking(attic):
        attic.mind.action = lambda told: Hang()
        await attic.stage.says_to_mallard("hello")
        await attic.stage.until(lambda: attic.mind.told["action"])
        await attic.stage.says_to_mallard("stop")
        await attic.stage.run(1, RunStatus.CANCELLED)
        assert attic.kinds() == {}


@pytest.mark.parametrize("platforms", [frozenset({"discord"}), frozenset({"slack"})])
async def test_a_process_works_the_afterthoughts_of_the_platforms_that_it_owns(
    tmp_path: Path, platforms: frozenset[str]
) -> None:
    async with open_attic(tmp_path) as attic:
        async with at_work(attic.stage):
            await attic.stage.says_to_mallard("hello")
            await attic.stage.run(1)
        claimed = await attic.stage.store.claim_afterthought(NOON, platforms=platforms)
        assert (claimed is not None) == ("slack" in platforms)
        assert (attic.stage.store.next_afterthought(platforms) is not None) == ("slack" in platforms)
