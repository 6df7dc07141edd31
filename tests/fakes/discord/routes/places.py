"""Channels, servers, members: looked up; and typing."""

from typing import Any

from tests.fakes.discord import intents, news
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import DIRECT
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.sessions import Event
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.wire import channel_json, member_json, partial_guild_json, role_json, thread_member_json

Json = dict[str, Any]


def channel(stage: Stage, asked: Asked) -> Json:
    return channel_json(stage.state, stage.state.channel(asked["channel"]))


def typing(stage: Stage, asked: Asked) -> None:
    """Shown for ten seconds, or until the bot speaks."""
    where = stage.state.channel(asked["channel"])
    if where.type != DIRECT:
        wanted = Permission.SEND_MESSAGES_IN_THREADS if where.is_thread else Permission.SEND_MESSAGES
        stage.state.require(where, wanted)
    stage.state.typing.append((where.id, stage.clock.now()))
    body = {"channel_id": where.id, "user_id": stage.state.bot.id, "timestamp": int(stage.clock.now())}
    needed = intents.needed("TYPING_START", where)
    stage.gateway.tell(Event(name="TYPING_START", needed=needed, told=lambda session: body))


def guild(stage: Stage, asked: Asked) -> Json:
    found = stage.state.guild(asked["guild"])
    counts = {"approximate_member_count": len(found.members), "approximate_presence_count": 0}
    return partial_guild_json(stage.state, found) | (counts if asked.query.get("with_counts") == "true" else {})


def guilds(stage: Stage, asked: Asked) -> list[Json]:
    found = [guild for guild in stage.state.guilds.values() if stage.state.bot.id in guild.members]
    names = ("id", "name", "icon", "banner", "features")
    return [{**{name: partial_guild_json(stage.state, g)[name] for name in names}, "owner": False} for g in found]


def channels(stage: Stage, asked: Asked) -> list[Json]:
    there = stage.state.guild(asked["guild"]).id
    found = [c for c in stage.state.channels.values() if c.guild == there and not c.is_thread and not c.deleted]
    return [channel_json(stage.state, one) for one in found]


def roles(stage: Stage, asked: Asked) -> list[Json]:
    return [role_json(role) for role in stage.state.guild(asked["guild"]).roles.values()]


def member(stage: Stage, asked: Asked) -> Json:
    found = stage.state.guild(asked["guild"]).members.get(asked["user"])
    if found is None:
        raise Refusal(10007 if asked["user"] in stage.state.users else 10013)
    return member_json(found)


def active_threads(stage: Stage, asked: Asked) -> Json:
    state = stage.state
    found = [t for t in state.threads_of(state.guild(asked["guild"]).id) if state.sees(t, state.bot.id)]
    joined = [thread_member_json(thread, state.bot.id) for thread in found if state.bot.id in thread.members]
    return {"threads": [channel_json(state, thread) for thread in found], "members": joined}


def leave(stage: Stage, asked: Asked) -> None:
    left = stage.state.guild(asked["guild"])
    del left.members[stage.state.bot.id]
    stage.gateway.tell(news.guild_went(left, outage=False))


def _is_bool(value: str) -> bool:
    return value.lower() in ("true", "false", "1", "0")


ROUTES: Routes = {
    "GET /channels/{channel}": Route(run=channel, bucket="channel"),
    "POST /channels/{channel}/typing": Route(run=typing, bucket="typing"),
    "GET /guilds/{guild}": Route(run=guild, query={"with_counts": _is_bool}, bucket="guild"),
    "GET /guilds/{guild}/channels": Route(run=channels, bucket="guild"),
    "GET /guilds/{guild}/roles": Route(run=roles, bucket="guild"),
    "GET /guilds/{guild}/members/{user}": Route(run=member, bucket="members"),
    "GET /guilds/{guild}/threads/active": Route(run=active_threads, bucket="active-threads"),
    "GET /users/@me/guilds": Route(
        run=guilds,
        query={"limit": str.isdigit, "before": str.isdigit, "after": str.isdigit, "with_counts": _is_bool},
    ),
    "DELETE /users/@me/guilds/{guild}": Route(run=leave),
}
