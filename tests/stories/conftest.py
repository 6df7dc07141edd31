"""The world that stories are told in."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.fakes.capture import capture_for
from tests.stories.world import World, open_world

OpenWorld = Callable[..., AbstractAsyncContextManager[World]]


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
