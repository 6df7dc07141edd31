"""The world that stories are told in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.capture import capture_for
from tests.stories.crossing import Crossing, open_crossing
from tests.stories.sides.side import SIDES, Side, SideName
from tests.stories.world import World, open_world

OpenWorld = Callable[..., AbstractAsyncContextManager[World]]
OpenCrossing = Callable[..., AbstractAsyncContextManager[Crossing]]


@pytest.fixture
def world_with(tmp_path: Path, request: pytest.FixtureRequest) -> OpenWorld:
    """Opens a world with other settings than the usual ones, given by their environment names."""

    def open_(**changes: str) -> AbstractAsyncContextManager[World]:
        return open_world(tmp_path, capture_for(request.config, "slack"), **changes)

    return open_


@pytest.fixture
async def world(world_with: OpenWorld) -> AsyncIterator[World]:
    async with world_with() as opened:
        yield opened


@pytest.fixture
def crossing_with(tmp_path: Path, request: pytest.FixtureRequest) -> OpenCrossing:
    """Opens a crossing with other settings than the usual ones, given by their environment names."""

    def open_(**changes: str) -> AbstractAsyncContextManager[Crossing]:
        return open_crossing(tmp_path, partial(capture_for, request.config), **changes)

    return open_


@pytest.fixture
async def crossing(crossing_with: OpenCrossing) -> AsyncIterator[Crossing]:
    async with crossing_with() as opened:
        yield opened


@pytest.fixture(params=SIDES)
def here(request: pytest.FixtureRequest, crossing: Crossing) -> Side:
    """The side that a story begins on: it is told on both."""
    name: SideName = request.param
    return crossing.sides[name]


@pytest.fixture
def there(crossing: Crossing, here: Side) -> Side:
    """The other side."""
    return crossing.other(here)
