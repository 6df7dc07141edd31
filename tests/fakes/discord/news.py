"""Events: what Discord tells the app of messages, threads, channels, servers and interactions."""

from typing import Any

from tests.fakes.discord import intents
from tests.fakes.discord.messages import Message
from tests.fakes.discord.places import Channel, Guild
from tests.fakes.discord.sessions import Event
from tests.fakes.discord.stage import Stage
from tests.fakes.discord.wire import channel_json, guild_json, thread_member_json
from tests.fakes.discord.writing import event_json, is_readable

Json = dict[str, Any]


def message_created(stage: Stage, message: Message) -> Event:
    return _about_message(stage, "MESSAGE_CREATE", message)


def message_changed(stage: Stage, message: Message) -> Event:
    return _about_message(stage, "MESSAGE_UPDATE", message)


def message_gone(stage: Stage, message: Message) -> Event:
    channel = stage.state.channels[message.channel]
    body = {"id": message.id, "channel_id": channel.id, **({"guild_id": channel.guild} if channel.guild else {})}
    return _where_seen(stage, "MESSAGE_DELETE", channel, body, about=message.id)


def _about_message(stage: Stage, name: str, message: Message) -> Event:
    """With the content as each session may read it, and to nobody where the bot sees nothing."""
    state, channel = stage.state, stage.state.channels[message.channel]
    seen = state.sees(channel, state.bot.id) and not message.is_ephemeral
    bodies = {
        readable: event_json(state, message, origin=stage.origin, readable=readable) for readable in (True, False)
    }

    def told(session: Any) -> Json | None:
        allowed = session.reads_content and state.message_content
        return bodies[is_readable(state, message, allowed=allowed)] if seen else None

    return Event(name=name, needed=intents.needed(name, channel), told=told, about=message.id)


def channel_changed(stage: Stage, name: str, channel: Channel, **more: Any) -> Event:
    """CHANNEL_CREATE, CHANNEL_UPDATE, THREAD_CREATE and so on."""
    return _where_seen(stage, name, channel, channel_json(stage.state, channel) | more, about=channel.id)


def channel_gone(stage: Stage, channel: Channel) -> Event:
    if channel.is_thread:
        body = {"id": channel.id, "guild_id": channel.guild, "parent_id": channel.parent, "type": channel.type}
        return _where_seen(stage, "THREAD_DELETE", channel, body, about=channel.id)
    return _where_seen(stage, "CHANNEL_DELETE", channel, channel_json(stage.state, channel), about=channel.id)


def thread_joined(stage: Stage, thread: Channel) -> Event:
    """The bot was added to a thread."""
    more = {"member": thread_member_json(thread, stage.state.bot.id)}
    return channel_changed(stage, "THREAD_CREATE", thread, **more)


def guild_came(stage: Stage, guild: Guild, *, joined: bool) -> Event:
    """Back after an outage, or one that the bot has joined, of which it is not said that it was unavailable."""
    body = guild_json(stage.state, guild)
    if joined:
        del body["unavailable"]
    return _plain("GUILD_CREATE", body, about=guild.id)


def guild_went(guild: Guild, *, outage: bool) -> Event:
    """An outage says `unavailable`; being removed says nothing of the kind."""
    return _plain("GUILD_DELETE", {"id": guild.id, **({"unavailable": True} if outage else {})}, about=guild.id)


def guild_role_changed(guild: Guild, role: Json) -> Event:
    return _plain("GUILD_ROLE_UPDATE", {"guild_id": guild.id, "role": role}, about=guild.id)


def interaction_created(body: Json) -> Event:
    return _plain("INTERACTION_CREATE", body, about=str(body["id"]))


def _plain(name: str, body: Json, *, about: str) -> Event:
    return Event(name=name, needed=intents.needed(name), told=lambda session: body, about=about)


def _where_seen(stage: Stage, name: str, channel: Channel, body: Json, *, about: str) -> Event:
    seen = stage.state.sees(channel, stage.state.bot.id)
    return Event(
        name=name, needed=intents.needed(name, channel), told=lambda session: body if seen else None, about=about
    )
