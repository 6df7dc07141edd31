"""An administrator's rules about commands: what they deny never runs, and what they allow runs unasked, in the sandbox."""

import pytest

from runtime.states import RunStatus
from tests.fakes.scripted import call, directive
from tests.stories.conftest import OpenWorld

TOUCH = directive(call("shell_exec_safe", command="touch ran.txt"))


async def test_what_a_rule_denies_is_asked_of_nobody_and_never_runs(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_SHELL_DENY="touch **", MALLARD_SHELL_ALLOW="touch **") as world:
        world.model_plans(TOUCH)
        await world.alice.mentions(world.pond, "touch it")

        (observed,) = (await world.run(1, RunStatus.COMPLETED)).steps[0].calls
        assert observed.denial is not None
        assert "an administrator's rule refuses it: `touch **`" in observed.denial.reason
        assert not (world.files / "ran.txt").exists()


@pytest.mark.needs("landlock")
async def test_what_a_rule_allows_is_asked_of_nobody_and_runs(world_with: OpenWorld) -> None:
    async with world_with(MALLARD_SHELL_ALLOW="touch ran.txt") as world:
        world.model_plans(TOUCH)
        await world.alice.mentions(world.pond, "touch it")

        await world.run(1, RunStatus.COMPLETED)
        assert (world.files / "ran.txt").exists()
        assert world.store.list_pending() == ()
