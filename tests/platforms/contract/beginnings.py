"""How most of the contract's tales begin."""

from runtime.states import RunStatus
from tests.platforms.contract.scene import Card, Scene
from tests.stories.plots import RUN


async def asked(scene: Scene) -> Card:
    """The card of a run that waits for a yes to one shell command."""
    scene.model_plans(RUN)
    await scene.says("run it")
    await scene.run(1, RunStatus.WAITING)
    return await scene.card()
