"""What Discord tells of the servers that we are on. It comes some moments after the connection stands."""

import asyncio

import discord

from runtime.errors import PlatformUnavailable


async def all_told(client: discord.Client, patience: float) -> None:
    """Return once all servers are known. Raises PlatformUnavailable."""
    try:
        async with asyncio.timeout(patience):
            await client.wait_until_ready()
    except (TimeoutError, RuntimeError) as error:
        raise PlatformUnavailable("Discord has not told yet what is on the servers") from error


async def find_server(client: discord.Client, server: int, patience: float) -> discord.Guild | None:
    """None where we are not on it. Raises PlatformUnavailable where Discord does not say, or cannot reach it itself."""
    found = client.get_guild(server)
    if found is None and not client.is_ready():
        await all_told(client, patience)
        found = client.get_guild(server)
    if found is not None and found.unavailable:
        raise PlatformUnavailable("Discord itself cannot reach the server now")
    return found
