"""Following the courier of a world on Slack: what it tried, and how often."""

from tests.fakes.slack import Call
from tests.stories.world import World


def has_buttons(call: Call) -> bool:
    return '"actions"' in str(call.get("blocks")).replace("'", '"')


async def courier_tried(world: World, times: int, form: str = "full", kind: str = "card") -> None:
    """Return once the newest delivery of a kind was put back after its Nth attempt. What Slack puts off is none."""

    def deferred() -> bool:
        row = world.store.database.read_row(
            "SELECT status, attempts, form FROM deliveries WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)
        )
        return row is not None and row[0] == "owed" and row[1] >= times and row[2] == form

    await world.until(deferred)


async def courier_has_tried(world: World, *forms: str, times: int = 6, kind: str = "card") -> None:
    """Let the courier try one form after another, so many times each, with time between the tries."""
    for form in forms:
        for number in range(1, times + 1):
            await courier_tried(world, number, form, kind)
            await world.time_passes(minutes=6)
