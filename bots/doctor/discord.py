"""Discord: whether it takes the token, and whether the bot may do there what it has to."""

from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from bots.discord.invite import PERMISSIONS
from bots.doctor.findings import Finding, fail, ok, warn
from bots.settings import Settings
from runtime.tls import trust

_PATIENCE = 15.0
_MESSAGE_CONTENT = 1 << 18 | 1 << 19  # application flags: granted to a verified app | switched on by the owner
_ADMINISTRATOR = 1 << 3
_INVITE = "Open the link that `mallard discord invite` prints."
_WHERE = "On discord.com/developers/applications, under your application's"


async def examine_discord(settings: Settings) -> tuple[Finding, ...]:
    if settings.discord_token is None:
        return (ok("discord", "not configured"),)
    api_url = str(settings.discord_api_url).rstrip("/")
    headers = {"Authorization": f"Bot {settings.discord_token.get_secret_value()}"}
    async with httpx.AsyncClient(verify=trust(), base_url=api_url, headers=headers, timeout=_PATIENCE) as client:
        try:
            return tuple(await _examine(client, settings))
        except (httpx.HTTPError, ValueError, KeyError) as error:
            advice = "Check this machine's way to the internet, and HTTPS_PROXY."
            return (fail("discord", f"{api_url} does not answer ({type(error).__name__}: {error})", advice),)


async def _examine(client: httpx.AsyncClient, settings: Settings) -> list[Finding]:
    response = await client.get("/applications/@me")
    if response.status_code == httpx.codes.UNAUTHORIZED:
        advice = f"{_WHERE} Bot page: Reset Token, and copy it into MALLARD_DISCORD_TOKEN."
        return [fail("discord token", "Discord does not take it", advice)]
    application = response.raise_for_status().json()
    user = (await client.get("/users/@me")).raise_for_status().json()
    guilds = (await client.get("/users/@me/guilds")).raise_for_status().json()
    return [
        ok("discord token", f"{user['username']} (application {application['id']})"),
        _examine_content(application, wanted=settings.discord_message_content),
        *_examine_application(application),
        *_examine_guilds(guilds, settings.discord_guilds),
    ]


def _examine_content(application: dict[str, Any], *, wanted: bool) -> Finding:
    part = "discord message content"
    if application.get("flags", 0) & _MESSAGE_CONTENT:
        return ok(
            part, "the intent is on" if wanted else "the intent is on, and MALLARD_DISCORD_MESSAGE_CONTENT is off"
        )
    if not wanted:
        return ok(part, "not asked for: in threads it hears mentions only")
    advice = f"{_WHERE} Bot page: switch Message Content Intent on, and start Mallard again."
    return warn(
        part, "the intent is off: in threads it hears mentions only, and sees no attachments of other messages", advice
    )


def _examine_application(application: dict[str, Any]) -> Iterator[Finding]:
    if application.get("interactions_endpoint_url"):
        advice = f"{_WHERE} General Information: clear Interactions Endpoint URL."
        yield fail(
            "discord clicks", f"Discord sends them to {application['interactions_endpoint_url']}, not here", advice
        )
    if application.get("bot_public"):
        advice = f"{_WHERE} Bot page: switch Public Bot off, unless others shall be able to invite it."
        yield warn("discord bot", "anybody who knows its id can invite it to a server of theirs", advice)


def _examine_guilds(guilds: Iterable[dict[str, Any]], named: tuple[str, ...]) -> Iterator[Finding]:
    there = {str(guild["id"]): guild for guild in guilds}
    for guild_id in named:
        if guild_id not in there:
            yield fail(
                f"discord server {guild_id}", "MALLARD_DISCORD_GUILDS names it, and the bot is not there", _INVITE
            )
    if not there:
        yield warn("discord servers", "the bot is on none: people reach it in direct messages only after one", _INVITE)
    for guild_id, guild in there.items():
        if named and guild_id not in named:
            continue
        lacking = _lacking(int(guild.get("permissions", 0)))
        part = f"discord server {guild.get('name', guild_id)}"
        if lacking:
            yield fail(part, f"the bot may not: {', '.join(lacking)}", f"{_INVITE} Or give its role these permissions.")
        else:
            yield ok(part, "the bot has the permissions that it needs")


def _lacking(permissions: int) -> list[str]:
    if permissions & _ADMINISTRATOR:
        return []
    return [name for name, bit in PERMISSIONS.items() if not permissions & bit]
