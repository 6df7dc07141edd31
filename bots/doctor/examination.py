"""All examinations, in the order in which an installation depends on them."""

from collections.abc import AsyncIterator
from pathlib import Path

from bots.doctor.discord import examine_discord
from bots.doctor.disk import examine_database, examine_secrets, examine_workspaces
from bots.doctor.embedding import examine_embedding
from bots.doctor.findings import Finding, Level, fail, ok
from bots.doctor.mcp import examine_mcp
from bots.doctor.models import examine_models
from bots.doctor.people import examine_people
from bots.doctor.sandbox import examine_sandbox
from bots.doctor.slack import examine_slack
from bots.settings import load_settings
from runtime.errors import SettingsError

__all__ = ["Finding", "Level", "examine"]


async def examine(folder: Path) -> AsyncIterator[Finding]:
    """Look at the installation of a folder. With wrong settings there is nothing else to look at."""
    try:
        settings = load_settings(folder)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield fail("settings", line, "")
        return
    yield ok("settings", f"read in {folder}")
    for finding in examine_secrets(folder):
        yield finding
    for finding in await examine_database(settings):
        yield finding
    for finding in examine_workspaces(settings):
        yield finding
    for finding in await examine_sandbox(settings):
        yield finding
    for finding in await examine_models(settings):
        yield finding
    for finding in await examine_embedding(settings):
        yield finding
    async for finding in examine_mcp(settings):
        yield finding
    for finding in await examine_slack(settings):
        yield finding
    for finding in await examine_discord(settings):
        yield finding
    for finding in examine_people(settings):
        yield finding
