"""What the doctor says of Discord: token, message content, servers and what the bot may do there."""

from pathlib import Path
from typing import Any

import pytest

from bots.discord.invite import PERMISSIONS
from bots.doctor import Level
from tests.bots.test_doctor import answering, findings

NEEDED = sum(PERMISSIONS.values())
CONTENT = 1 << 19
POND = "81384788765712384"


def discord(*, application: dict[str, Any] | None = None, guilds: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A well configured application, with what is different."""
    pond = {"id": POND, "name": "Pond", "permissions": str(NEEDED)}
    return {
        "/api/v10/applications/@me": {"id": "7", "flags": CONTENT, "bot_public": False} | (application or {}),
        "/api/v10/users/@me": {"id": "7", "username": "mallard"},
        "/api/v10/users/@me/guilds": [pond] if guilds is None else guilds,
    }


async def look(folder: Path, answers: dict[str, Any], *, status: int = 200, **settings: str) -> dict[str, Any]:
    async with answering(answers, status=status) as url:
        return {
            part: finding
            for part, finding in (
                await findings(folder, DISCORD_TOKEN="a.b.c", DISCORD_API_URL=f"{url}/api/v10", **settings)
            ).items()
            if part.startswith("discord") or part in ("users", "approvers")
        }


async def test_a_bot_that_may_do_all_it_needs_is_well(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(), USERS="*", APPROVERS="discord:42")
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert found["discord token"].words == "mallard (application 7)"
    assert "discord server Pond" in found


async def test_a_token_that_is_refused_is_named(tmp_path: Path) -> None:
    found = await look(tmp_path, {}, status=401)
    assert found["discord token"].level is Level.FAIL
    assert "Reset Token" in found["discord token"].advice
    assert "a.b.c" not in str(found)


async def test_an_intent_that_is_off_is_named_with_its_switch(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(application={"flags": 0}))
    assert found["discord message content"].level is Level.WARN
    assert "Message Content Intent" in found["discord message content"].advice
    content = await look(tmp_path, discord(application={"flags": 0}), DISCORD_MESSAGE_CONTENT="false")
    assert content["discord message content"].level is Level.OK


async def test_clicks_that_go_elsewhere_are_named(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(application={"interactions_endpoint_url": "https://elsewhere.example"}))
    assert found["discord clicks"].level is Level.FAIL


@pytest.mark.parametrize("name", PERMISSIONS)
async def test_each_permission_that_lacks_is_named(tmp_path: Path, name: str) -> None:
    lame = {"id": POND, "name": "Pond", "permissions": str(NEEDED & ~PERMISSIONS[name])}
    found = await look(tmp_path, discord(guilds=[lame]))
    assert found["discord server Pond"].words == f"the bot may not: {name}"


async def test_an_administrator_lacks_nothing(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(guilds=[{"id": POND, "name": "Pond", "permissions": "8"}]))
    assert found["discord server Pond"].level is Level.OK


async def test_a_server_that_is_named_and_lacks_the_bot_is_named(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(), DISCORD_GUILDS="81384788765712385")
    assert found["discord server 81384788765712385"].level is Level.FAIL
    assert "discord server Pond" not in found


async def test_a_bot_on_no_server_is_told_how_to_get_there(tmp_path: Path) -> None:
    found = await look(tmp_path, discord(guilds=[]))
    assert "mallard discord invite" in found["discord servers"].advice


async def test_nobody_who_may_talk_or_decide_is_said_with_the_platform(tmp_path: Path) -> None:
    found = await look(tmp_path, discord())
    assert found["users"].words == "nobody on Discord may talk to it"
    assert found["approvers"].words == "nobody on Discord may decide: risky calls are refused there"


async def test_no_answer_is_no_traceback(tmp_path: Path) -> None:
    found = await findings(tmp_path, DISCORD_TOKEN="a.b.c", DISCORD_API_URL="http://127.0.0.1:9/api/v10")
    assert found["discord"].level is Level.FAIL
    assert "does not answer" in found["discord"].words
