"""A Slack and a Discord on loopback sockets, as a process of their own: `python -m bench.chat_server`.

It prints the settings that lead to both as one line of JSON, and serves until it is killed.
"""

import asyncio
import json

from tests.fakes.discord import Discord
from tests.fakes.slack import Slack


async def serve() -> None:
    async with Slack() as slack, Discord() as discord:
        slack.channel("pond", members=[slack.person("UALICE")])
        discord.channel("pond", members=[discord.person("alice")])
        settings = {
            "MALLARD_SLACK_API_URL": slack.base_url,
            "MALLARD_SLACK_BOT_TOKEN": slack.bot_token,
            "MALLARD_SLACK_APP_TOKEN": slack.app_token,
            "MALLARD_DISCORD_API_URL": discord.api_url,
            "MALLARD_DISCORD_TOKEN": discord.token,
        }
        print(json.dumps(settings), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
