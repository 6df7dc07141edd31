"""INTERACTION_CREATE as Discord writes it: clicks, commands, submissions."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes.discord.content import Control
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import Guild
from tests.fakes.discord.stage import LARGEST_FILE, Stage
from tests.fakes.discord.wire import channel_json, member_json, permission_words, user_json
from tests.fakes.discord.writing import message_json

Json = dict[str, Any]
OPTION_TYPES: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 5: (bool,), 10: (int, float)}


def interaction_json(stage: Stage, interaction: Interaction, data: Json) -> Json:
    state, channel = stage.state, interaction.channel
    guild = state.guilds[channel.guild] if channel.guild else None
    body: Json = {
        "id": interaction.id,
        "application_id": state.app,
        "type": interaction.kind,
        "token": interaction.token,
        "version": 1,
        "data": data,
        "channel_id": channel.id,
        "channel": _channel(stage, interaction),
        "locale": "en-US",
        "entitlements": [],
        "attachment_size_limit": LARGEST_FILE,
        "app_permissions": permission_words(state.permissions(channel, state.bot.id)),
        "authorizing_integration_owners": {"0": guild.id if guild else "0"},
        "context": 0 if guild else 1,
    }
    if interaction.message is not None:
        body["message"] = message_json(state, interaction.message, origin=stage.origin)
    return body | (_in_guild(stage, interaction, guild) if guild else {"user": user_json(interaction.user)})


def _channel(stage: Stage, interaction: Interaction) -> Json:
    held = stage.state.permissions(interaction.channel, interaction.user.id)
    return channel_json(stage.state, interaction.channel) | {"permissions": permission_words(held)}


def _in_guild(stage: Stage, interaction: Interaction, guild: Guild) -> Json:
    held = stage.state.permissions(interaction.channel, interaction.user.id)
    member = member_json(guild.members[interaction.user.id]) | {"permissions": permission_words(held)}
    return {
        "guild_id": guild.id,
        "guild_locale": "en-US",
        "guild": {"id": guild.id, "locale": "en-US", "features": []},
        "member": member,
    }


def click_data(control: Control, chosen: Sequence[str] | None) -> Json:
    data: Json = {"custom_id": control.custom_id, "component_type": control.type, "id": control.element.get("id", 0)}
    return data | ({"values": list(chosen)} if chosen is not None else {})


def submission_data(custom_id: str, filled: Sequence[Json]) -> Json:
    return {"custom_id": custom_id, "components": list(filled), "resolved": {}}


def slash_data(command: Json, options: Mapping[str, Any]) -> Json:
    """With what was typed, as far as the client lets it through. A wrong entry is an AssertionError."""
    known = {option["name"]: option for option in command.get("options") or ()}
    assert not options.keys() - known.keys(), f"/{command['name']} has {sorted(known)}, not {sorted(options)}"
    for name, option in known.items():
        assert name in options or not option.get("required"), f"/{command['name']} needs {name}"
    given = [_option(known[name], value) for name, value in options.items()]
    scope = {"guild_id": command["guild_id"]} if command.get("guild_id") else {}
    return {"id": command["id"], "name": command["name"], "type": 1, **scope, **({"options": given} if given else {})}


def _option(option: Json, value: Any) -> Json:
    kind, name = option["type"], option["name"]
    fits = isinstance(value, OPTION_TYPES.get(kind, (str,))) and (kind == 5 or not isinstance(value, bool))
    assert fits, f"{name} is of type {kind}, which {value!r} is not"
    if option.get("choices"):
        by_name = {choice["name"]: choice["value"] for choice in option["choices"]}
        value = by_name.get(value, value)
        assert value in by_name.values(), f"{name} is one of {sorted(by_name)}"
    if kind == 3:
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        assert least <= len(value) <= most, f"{name} takes {least} to {most} characters"
    elif kind in (4, 10):
        low, high = option.get("min_value", -(2**53)), option.get("max_value", 2**53)
        assert low <= value <= high, f"{name} is from {low} to {high}"
    return {"name": name, "type": kind, "value": value}


def about_data(stage: Stage, command: Json, message: Message) -> Json:
    """A command on a message: it is carried along, with its content whatever the intents."""
    shown = message_json(stage.state, message, origin=stage.origin)
    scope = {"guild_id": command["guild_id"]} if command.get("guild_id") else {}
    resolved = {"messages": {message.id: shown}}
    return {
        "id": command["id"],
        "name": command["name"],
        "type": 3,
        "target_id": message.id,
        "resolved": resolved,
    } | scope


def may_use_commands(stage: Stage, interaction: Interaction) -> bool:
    channel = interaction.channel
    return channel.is_direct or stage.state.may(channel, interaction.user.id, Permission.USE_APPLICATION_COMMANDS)
