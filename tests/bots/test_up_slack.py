"""`mallard up slack` as a service: the real process against a loopback Slack, killed and stopped like services are."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.command import COMMAND, environment
from tests.fakes.capture import capture_for
from tests.fakes.slack import Slack

PATIENCE = 30.0


@asynccontextmanager
async def serving(folder: Path, slack: Slack, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, connected. It is killed at the end if it still lives."""
    tokens = {"MALLARD_SLACK_BOT_TOKEN": slack.bot_token, "MALLARD_SLACK_APP_TOKEN": slack.app_token}
    people = {"MALLARD_USERS": "*", "MALLARD_APPROVERS": "slack:T1/UBOSS"}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "up", "slack",
        cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr,
        env=environment(MALLARD_SLACK_API_URL=slack.base_url, NO_PROXY="127.0.0.1", **tokens, **people, **settings),
    )  # fmt: skip
    try:
        await slack.connected(timeout=PATIENCE)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_was_said_while_it_was_down_is_answered(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    async with Slack(capture=capture_for(request.config, "slack")) as slack:
        anna = slack.person("UANNA")
        pond = slack.channel("pond", members=[anna])
        async with serving(tmp_path, slack) as process:
            first = await anna.mentions(pond, "list files")
            await slack.message(pond, thread=first, contains="workspace", timeout=PATIENCE)
            process.kill()
            await process.wait()
        second = await anna.mentions(pond, "list files")
        async with serving(tmp_path, slack):
            await slack.message(pond, thread=second, contains="workspace", timeout=PATIENCE)


async def test_ready_says_that_the_database_answers_and_that_slack_is_connected(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    port = free_port()
    async with (
        Slack(capture=capture_for(request.config, "slack")) as slack,
        serving(tmp_path, slack, MALLARD_WEB_PORT=str(port)),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        async with client.get("/healthz") as response:
            assert response.status == 200
        async with client.get("/readyz") as response:
            assert (response.status, (await response.json())["parts"]) == (200, {"database": "ok", "slack": "ok"})


@pytest.mark.mistake(5)
async def test_tokens_that_slack_refuses_end_the_process_with_a_sentence(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    async with Slack(capture=capture_for(request.config, "slack")) as slack:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "up", "slack",
            cwd=tmp_path, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env=environment(
                MALLARD_SLACK_API_URL=slack.base_url,
                MALLARD_SLACK_BOT_TOKEN="xoxb-wrong", MALLARD_SLACK_APP_TOKEN=slack.app_token, NO_PROXY="127.0.0.1",
            ),
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    assert process.returncode == 1
    assert "MALLARD_SLACK_BOT_TOKEN" in said.decode()
    assert "Traceback" not in said.decode()
