"""Promise 14: what runs is what was shown. A call that somebody tampered with does not run."""

import sqlite3

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.stories.plots import RUN
from tests.stories.world import World

WRITE = directive(call("write_file", path="duck.txt", content="quack\n"))

TAMPERINGS = {
    "other arguments": """UPDATE tool_calls SET arguments = '{"command":"echo evil >> ran.txt","timeout_s":60}'""",
    "another argument": """UPDATE tool_calls SET arguments = '{"command":"echo ran >> ran.txt","timeout_s":61}'""",
    "another tool": """UPDATE tool_calls SET tool = 'write_file', arguments = '{"path":"ran.txt","content":"evil"}'""",
    "another digest": "UPDATE tool_calls SET digest = randomblob(32)",
    "another workspace's name": "UPDATE runs SET workspace_id = 'elsewhere'",
    "another workspace's folder": "UPDATE runs SET workspace_path = '/tmp'",
}


def tamper(world: World, statement: str) -> None:
    """What nobody can do through Mallard: somebody edits the database with another program, its triggers removed."""
    with sqlite3.connect(world.store.database.path) as other:
        for (trigger,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute(statement)
    other.close()


@pytest.mark.promise(14)
@pytest.mark.parametrize("restarts", [False, True], ids=["in one go", "across a restart"])
@pytest.mark.parametrize("what", TAMPERINGS)
async def test_a_call_that_was_tampered_with_fails_closed(world: World, what: str, restarts: bool) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    card = await world.card()
    await world.run(1, RunStatus.WAITING)

    tamper(world, TAMPERINGS[what])
    if restarts:
        await world.restart()
    await world.bob.clicks(card, "Approve")

    run = await world.run(1, RunStatus.COMPLETED)
    observation = run.steps[0].calls[0].observation
    assert observation is not None
    assert observation.error == "digest_mismatch"
    assert "Nothing was run" in observation.text
    assert world.lines() == []
    assert world.events_of("command_audit") == ()


@pytest.mark.promise(14)
async def test_without_its_triggers_removed_the_database_itself_refuses(world: World) -> None:
    world.model_plans(RUN)
    await world.alice.mentions(world.pond, "run it")
    await world.run(1, RunStatus.WAITING)

    other = sqlite3.connect(world.store.database.path)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        other.execute(TAMPERINGS["other arguments"])
    other.close()
