"""The contract on every platform: a test that takes a `scene` or a `service` is told on each, but where it says why not."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.fakes.capture import capture_for
from tests.platforms.contract.scene import OpenScene, Scene
from tests.platforms.contract.service import OpenService, Service
from tests.platforms.on_discord.contract_scene import open_discord
from tests.platforms.on_discord.contract_service import open_discord_service
from tests.platforms.on_slack.contract_scene import open_slack
from tests.platforms.on_slack.contract_service import open_slack_service
from tests.platforms.on_terminal.contract_scene import open_terminal
from tests.platforms.on_terminal.contract_service import open_terminal_service
from tests.promises import reasons_against

PLATFORMS: Mapping[str, tuple[OpenScene, OpenService]] = {
    "slack": (open_slack, open_slack_service),
    "discord": (open_discord, open_discord_service),
    "terminal": (open_terminal, open_terminal_service),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "platform" in metafunc.fixturenames:
        excused = reasons_against(metafunc.definition.iter_markers("promise"))
        metafunc.parametrize("platform", [name for name in PLATFORMS if name not in excused])


@pytest.fixture
def scene_with(platform: str, tmp_path: Path, request: pytest.FixtureRequest) -> OpenScene:
    """Opens a scene with other settings than the usual ones, given by their environment names."""

    def open_(**changes: str) -> AbstractAsyncContextManager[Scene]:
        open_scene, _ = PLATFORMS[platform]
        return open_scene(tmp_path, capture_for(request.config, platform), **changes)

    return open_


@pytest.fixture
async def scene(scene_with: OpenScene) -> AsyncIterator[Scene]:
    async with scene_with() as opened:
        yield opened


@pytest.fixture
async def service(platform: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    _, open_service = PLATFORMS[platform]
    async with open_service(tmp_path, capture_for(request.config, platform)) as opened:
        yield opened
