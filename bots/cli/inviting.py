"""`mallard discord invite`."""

import base64
import binascii

import httpx

from bots.cli.opening import settings_here
from bots.discord.invite import invite_link
from bots.settings import Settings
from runtime.errors import MallardError, SettingsError

_PATIENCE = 15.0


def invite(guild: str) -> None:
    """Print the link. Raises SettingsError without a token, MallardError where nothing says whose it is."""
    if guild and not guild.isdecimal():
        raise MallardError(
            "A server's id is a number such as 81384788765712384: right-click the server, Copy Server ID."
        )
    print(invite_link(_application_of(settings_here()), guild=guild))


def _application_of(settings: Settings) -> str:
    if settings.discord_token is None:
        raise SettingsError(
            "MALLARD_DISCORD_TOKEN is missing: it is the bot token of your application, from its Bot page. "
            "docs/discord.md shows the way there."
        )
    token = settings.discord_token.get_secret_value()
    return _written_in(token) or _asked_for(str(settings.discord_api_url).rstrip("/"), token)


def _written_in(token: str) -> str:
    """A bot token begins with its application's id in base64; "" where this one does not."""
    head = token.split(".")[0]
    try:
        written = base64.b64decode(head + "=" * (-len(head) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return written if written.isdecimal() else ""


def _asked_for(api_url: str, token: str) -> str:
    try:
        answer = httpx.get(f"{api_url}/applications/@me", headers={"Authorization": f"Bot {token}"}, timeout=_PATIENCE)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise SettingsError(
                "Discord does not take MALLARD_DISCORD_TOKEN: reset the token on the Bot page, and copy it."
            )
        return str(answer.json()["id"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise MallardError(
            f"Discord does not say which application this token is of ({type(error).__name__})."
        ) from error
