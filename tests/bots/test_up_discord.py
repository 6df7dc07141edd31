"""`mallard up discord` by an interpreter that has imported nothing yet, against a loopback Discord."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.command import COMMAND, environment
from tests.fakes.capture import capture_for
from tests.fakes.discord import Discord

PATIENCE = 30.0


async def test_a_mention_is_answered(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with Discord(capture=capture_for(request.config, "discord")) as discord:
        discord.patience = PATIENCE
        anna = discord.person("anna")
        pond = discord.channel("pond", members=[anna])
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "up", "discord",
            cwd=tmp_path, stdin=asyncio.subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr,
            env=environment(
                MALLARD_DISCORD_TOKEN=discord.token, MALLARD_DISCORD_API_URL=discord.api_url, MALLARD_USERS="*",
            ),
        )  # fmt: skip
        try:
            await discord.connected(timeout=PATIENCE)
            asked = await anna.mentions(pond, "list files")
            await discord.message(pond, thread=asked, contains="workspace")
        finally:
            process.kill()
            await process.wait()
