"""The link that brings the bot to a server. Pure, and without the library."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from urllib.parse import urlencode

PERMISSIONS: Mapping[str, int] = {
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Create Public Threads": 1 << 35,
    "Send Messages in Threads": 1 << 38,
}
"""What the bot needs on a server, by the names of Discord's role page, and nothing beyond it."""


def invite_link(application: str, *, guild: str = "") -> str:
    """The address that asks an administrator of a server for these permissions; `guild` chooses the server already."""
    query = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": str(reduce(or_, PERMISSIONS.values())),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query | ({'guild_id': guild} if guild else {}))}"
