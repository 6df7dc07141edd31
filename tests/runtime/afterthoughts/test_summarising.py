"""Long conversations: what a context has no room for is summed up, once, and goes with the first run that is forgotten."""

from pathlib import Path

from runtime.earlier import HISTORY_TURNS
from runtime.records import RunId
from storage.events import erase_payloads
from tests.fakes.replies import Hang, Refuse, Say
from tests.runtime.afterthoughts.attic import Attic, open_attic, thinking
from tests.runtime.stage import NOON

CONVERSATION = 1
FIRST = HISTORY_TURNS + 1  # the first run whose context is full


def summing_up(told: str) -> str:
    return (
        f"They spoke {told.count('Mallard: ')} times." if "Sum up" in told else '{"should_store": false, "reason": ""}'
    )


async def talk(attic: Attic, start: int, stop: int) -> None:
    for number in range(start, stop + 1):
        await attic.stage.says_to_mallard(f"word {number}")
        await attic.over(number)


async def test_a_conversation_is_summed_up_once_a_context_is_full(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = summing_up
        await talk(attic, 1, FIRST - 1)
        assert attic.stage.store.find_summary(CONVERSATION, RunId(99)) is None
        await talk(attic, FIRST, FIRST)

        summary = attic.stage.store.find_summary(CONVERSATION, RunId(99))
        assert summary is not None
        assert (summary.first_run, summary.last_run, summary.text) == (1, 11, "They spoke 11 times.")
        assert attic.kinds(FIRST) == {"memory": "done", "summary": "done"}

        await talk(attic, FIRST + 1, FIRST + 1)
        told = attic.mind.told["thinker"][-1]
        assert "They spoke 11 times." in told
        assert ": word 11\n" not in told
        assert "word 12" in told


async def test_the_next_summary_is_made_from_the_one_before_and_takes_its_place(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = summing_up
        await talk(attic, 1, 2 * HISTORY_TURNS)
        rows = attic.stage.store.database.read_rows("SELECT first_run, last_run FROM summaries")
        told = [each for each in attic.mind.told["memory"] if "Sum up" in each]
        assert rows == [(1, 22)]
        assert len(told) == 2
        assert "They spoke 11 times." in told[1]
        assert "word 12" in told[1]
        assert "word 11\n" not in told[1]


async def test_a_summary_goes_when_something_that_it_covers_is_forgotten(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = summing_up
        await talk(attic, 1, FIRST)
        store = attic.stage.store
        await store.database.write(lambda tx: erase_payloads(tx, 12, [1], NOON))
        assert store.find_summary(CONVERSATION, RunId(99)) is not None, "run 12 is not in it"
        await store.database.write(lambda tx: erase_payloads(tx, 5, [1], NOON))
        assert store.find_summary(CONVERSATION, RunId(99)) is None

        await talk(attic, FIRST + 1, FIRST + 1)
        told = [each for each in attic.mind.told["memory"] if "Sum up" in each]
        assert "word 4" in told[-1]
        assert "word 5" not in told[-1]


async def test_a_summary_goes_with_a_run_that_is_removed(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = summing_up
        await talk(attic, 1, FIRST)
        await attic.stage.until(attic.stage.is_delivered)
        await attic.stage.store.database.write(lambda tx: tx.execute("DELETE FROM runs WHERE id = 3"))
        assert attic.stage.store.find_summary(CONVERSATION, RunId(99)) is None


async def test_what_is_forgotten_while_it_is_summed_up_is_in_no_summary(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        await talk(attic, 1, FIRST - 1)
        attic.mind.memory = lambda told: Hang(reply=Say(text=summing_up(told)))
        await attic.stage.says_to_mallard("one more word")
        await attic.stage.run(FIRST)
        await attic.stage.until(lambda: any("Sum up" in told for told in attic.mind.told["memory"]))
        await attic.stage.store.database.write(lambda tx: erase_payloads(tx, 5, [1], NOON))
        attic.server.release()
        await attic.over(FIRST)
        assert attic.stage.store.find_summary(CONVERSATION, RunId(99)) is None


async def test_a_summary_that_fails_leaves_the_turns_as_they_are(tmp_path: Path) -> None:
    async with open_attic(tmp_path, reflect=False) as attic, thinking(attic):
        attic.mind.memory = lambda told: Refuse(status=401) if "Sum up" in told else summing_up(told)
        await talk(attic, 1, FIRST)
        assert attic.kinds(FIRST)["summary"] == "failed"
        assert attic.body_of("memory_policy_failed", FIRST)["of"] == "summary"
        await talk(attic, FIRST + 1, FIRST + 1)
        assert "word 2\n" in attic.mind.told["thinker"][-1]
