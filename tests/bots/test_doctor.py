"""The doctor names each part, how it is, and what to do about it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bots.doctor import Finding, Level, examine
from bots.doctor.sandbox import examine_sandbox
from bots.settings import load_settings
from bots.slack.manifest import BOT_SCOPES
from bots.web.server import serve
from runtime.signals import Signals
from storage.database import Database
from tests.needs import NOWHERE


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def findings(folder: Path, **settings: str) -> dict[str, Finding]:
    """Without vectors, unless they are asked for: making one takes a second."""
    settings = {"EMBEDDING": "off"} | settings
    (folder / ".env").write_text("".join(f"MALLARD_{name}={value}\n" for name, value in settings.items()))
    return {finding.part: finding async for finding in examine(folder)}


@asynccontextmanager
async def answering(
    answers: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(answers.get(request.path, {"ok": False}), status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serve(app, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


async def test_a_new_installation_is_well(tmp_path: Path) -> None:
    found = await findings(tmp_path)
    assert not [finding for finding in found.values() if finding.level is Level.FAIL]
    assert "`mallard up` makes" in found["database"].words
    assert found["model"].level is Level.WARN
    assert not (tmp_path / "data").exists()


async def test_a_wrong_setting_is_all_there_is_to_say(tmp_path: Path) -> None:
    found = await findings(tmp_path, MAX_STEPS="many")
    assert set(found) == {"settings"}
    assert found["settings"].level is Level.FAIL


SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
WELL = {
    "/api/auth.test": {"ok": True, "user": "mallard", "team": "Pond", "team_id": "T1"},
    "/api/apps.connections.open": {"ok": True, "url": "wss://x"},
}


async def test_slack_tokens_with_every_scope_are_well(tmp_path: Path) -> None:
    async with answering(WELL, headers={"x-oauth-scopes": ",".join(BOT_SCOPES)}) as url:
        found = await findings(tmp_path, SLACK_API_URL=f"{url}/api/", **SLACK)
    assert found["slack bot token"].words == "mallard in Pond (T1)"
    assert found["slack scopes"].level is found["slack app token"].level is Level.OK
    assert found["users"].level is found["approvers"].level is Level.WARN


async def test_missing_slack_scopes_are_named(tmp_path: Path) -> None:
    granted = [scope for scope in BOT_SCOPES if scope not in {"files:read", "im:history"}]
    async with answering(WELL, headers={"x-oauth-scopes": ",".join(granted)}) as url:
        found = await findings(tmp_path, SLACK_API_URL=f"{url}/api/", **SLACK)
    assert found["slack scopes"].level is Level.FAIL
    assert found["slack scopes"].words == "these are missing: files:read, im:history"


async def test_a_slack_token_that_is_refused_is_named(tmp_path: Path) -> None:
    refused = {"ok": False, "error": "invalid_auth"}
    async with answering({"/api/auth.test": refused, "/api/apps.connections.open": refused}) as url:
        found = await findings(tmp_path, SLACK_API_URL=f"{url}/api/", **SLACK)
    assert found["slack bot token"].level is found["slack app token"].level is Level.FAIL
    assert "invalid_auth" in found["slack bot token"].words


async def test_a_workspace_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "mallard.toml").write_text('[[workspaces]]\nname = "site"\npath = "site"\n')
    found = await findings(tmp_path)
    assert found["workspace site"].level is Level.FAIL
    assert found["workspace site"].advice == f"Make it: mkdir -p {tmp_path / 'site'}"


async def test_a_file_with_secrets_that_others_can_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").touch(mode=0o600)
    assert "secrets" not in await findings(tmp_path)
    (tmp_path / ".env").chmod(0o640)
    assert (await findings(tmp_path))["secrets"].advice == f"chmod 600 {tmp_path / '.env'}"


async def test_a_database_that_others_can_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").touch(mode=0o600)
    async with Database(tmp_path / "data" / "mallard.db", Signals()):
        pass
    assert "secrets" not in await findings(tmp_path)

    (tmp_path / "data").chmod(0o755)
    (tmp_path / "data" / "mallard.db").chmod(0o644)

    found = (await findings(tmp_path))["secrets"]
    assert (found.level, found.advice) == (Level.WARN, f"chmod 700 {tmp_path / 'data'}")


@pytest.mark.needs("bubblewrap")
async def test_the_sandbox_that_commands_run_in_is_named(tmp_path: Path) -> None:
    found = await findings(tmp_path)
    assert (found["sandbox"].level, found["sandbox"].words) == (Level.OK, "commands run in bubblewrap")


async def test_without_the_best_sandbox_it_says_what_to_install(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    (landlock, *_) = await examine_sandbox(settings, path=NOWHERE)
    (none, *_) = await examine_sandbox(settings, path=NOWHERE, landlock=False)

    assert (none.level, landlock.level) == (Level.WARN, Level.WARN)
    assert "every command asks" in none.words
    assert "apt install bubblewrap" in none.advice
    assert "bubblewrap is not installed" in none.words
