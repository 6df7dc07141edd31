"""What a command does in the house, beside the processes that serve people."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bots.cli.opening import run_async, settings_here
from bots.house import House, open_house
from bots.platforms import Chosen
from runtime.errors import MallardError

T = TypeVar("T")


def in_house(work: Callable[[House], Awaitable[T]]) -> T:
    """Do something in a house that serves no platform. Raises MallardError where there is no record yet."""
    settings = settings_here()
    if not settings.database.exists():
        raise MallardError(f"There is no database at {settings.database} yet. `mallard up` makes it.")

    async def enter() -> T:
        async with open_house(settings, Chosen()) as house:
            return await work(house)

    return run_async(enter)
