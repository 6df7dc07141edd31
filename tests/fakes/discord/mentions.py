"""Whom a message notifies: what is written in it, as far as it lets mentions through."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from tests.fakes.discord.content import marked_up
from tests.fakes.discord.places import Channel
from tests.fakes.discord.state import State

Json = dict[str, Any]


class Mentions(Struct, frozen=True, kw_only=True):
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False
    pings: tuple[str, ...] = ()


def mentions_in(
    state: State, channel: Channel, words: str, components: Iterable[Any], allowed: Json | None, replied: str = ""
) -> Mentions:
    """Without `allowed_mentions` everything that is written rings; `replied` is whose message is answered."""
    users, roles, pings, everyone = dict[str, None](), dict[str, None](), list[str](), False
    for found in marked_up(words, components):
        user, role = found["user"], found["role"]
        if user is not None and user in state.users and _lets(allowed, "users", user):
            users[user] = None
        elif role is not None and _is_role(state, channel, role) and _lets(allowed, "roles", role):
            roles[role] = None
        elif user is None and role is None and _lets(allowed, "everyone"):
            everyone = True
        else:
            continue
        pings.append(found.group())
    if replied and (allowed is None or allowed.get("replied_user")):
        users[replied] = None
        pings.append(f"<@{replied}>")
    return Mentions(users=tuple(users), roles=tuple(roles), everyone=everyone, pings=tuple(pings))


def _is_role(state: State, channel: Channel, role: str) -> bool:
    return channel.guild is not None and role in state.guilds[channel.guild].roles


def _lets(allowed: Json | None, kind: str, who: str = "") -> bool:
    if allowed is None or kind in allowed.get("parse", ()):
        return True
    return bool(who) and who in map(str, allowed.get(kind, ()))
