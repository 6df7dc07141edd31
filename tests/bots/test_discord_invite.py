"""`mallard discord invite` prints a link with the least permissions, for the application that the token is of."""

import base64
from urllib.parse import parse_qs, urlsplit

from bots.discord.invite import PERMISSIONS
from tests.bots.conftest import Mallard

_APPLICATION = "1021843929842319360"
_TOKEN = f"{base64.b64encode(_APPLICATION.encode()).decode().rstrip('=')}.aaaaaa.{'b' * 27}"


def test_the_link_names_the_application_and_asks_for_the_least(mallard: Mallard) -> None:
    result = mallard("discord", "invite", MALLARD_DISCORD_TOKEN=_TOKEN)

    assert result.returncode == 0
    link = urlsplit(result.stdout.strip())
    query = parse_qs(link.query)
    assert (link.scheme, link.netloc, link.path) == ("https", "discord.com", "/oauth2/authorize")
    assert query["client_id"] == [_APPLICATION]
    assert query["scope"] == ["bot applications.commands"]
    assert int(query["permissions"][0]) == sum(PERMISSIONS.values())
    assert "guild_id" not in query
    assert _TOKEN not in result.stdout + result.stderr


def test_nothing_that_it_asks_for_lets_it_manage_or_mention() -> None:
    administrator, manage_messages, mention_everyone, manage_roles = 1 << 3, 1 << 13, 1 << 17, 1 << 28
    assert not sum(PERMISSIONS.values()) & (administrator | manage_messages | mention_everyone | manage_roles)


def test_a_server_can_be_chosen_already(mallard: Mallard) -> None:
    result = mallard("discord", "invite", "--guild", "81384788765712384", MALLARD_DISCORD_TOKEN=_TOKEN)
    assert parse_qs(urlsplit(result.stdout.strip()).query)["guild_id"] == ["81384788765712384"]


def test_a_token_that_names_no_application_and_no_way_to_ask_is_a_sentence(mallard: Mallard) -> None:
    result = mallard(
        "discord", "invite", MALLARD_DISCORD_TOKEN="not-a-token", MALLARD_DISCORD_API_URL="http://127.0.0.1:9/api/v10"
    )
    assert result.returncode == 1
    assert "Discord does not say which application this token is of" in result.stderr
    assert "Traceback" not in result.stderr
    assert "not-a-token" not in result.stderr
