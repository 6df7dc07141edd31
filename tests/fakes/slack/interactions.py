"""Interactive payloads: clicks, submissions, shortcuts, slash commands."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.slack.content import Control
from tests.fakes.slack.messages import Message, Snapshot
from tests.fakes.slack.places import Channel, User
from tests.fakes.slack.state import APP_ID, State
from tests.fakes.slack.views import View
from tests.fakes.slack.wire import message_json

Json = dict[str, Any]


def _common(state: State, kind: str, user: User) -> Json:
    team = state.teams["T1"]
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": APP_ID,
        "token": "verification-token",
        "team": {"id": team.id, "domain": team.domain},
        "is_enterprise_install": False,
    }


def _named(channel: Channel) -> Json:
    names = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def action_of(control: Control, at: str, chosen: Mapping[str, Any]) -> Json:
    """One entry of `actions`."""
    element = control.element
    action: Json = {"action_id": control.action_id, "block_id": control.block_id, "type": control.kind, "action_ts": at}
    for name in ("text", "value", "style", "url", "confirm", "placeholder"):
        if element.get(name) is not None:
            action[name] = element[name]
    return action | dict(chosen)


def message_click(
    state: State,
    user: User,
    message: Message,
    shown: Snapshot,
    action: Json,
    *,
    trigger: str,
    response_url: str,
    values: Json,
) -> Json:
    channel = state.channels[message.channel]
    body = message_json(state, message) | {"text": shown.content.fallback, "blocks": list(shown.content.blocks)}
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.is_ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _common(state, "block_actions", user) | {
        "container": container,
        "trigger_id": trigger,
        "channel": _named(channel),
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    return payload if message.is_ephemeral else payload | {"message": body}


def view_click(state: State, user: User, view: View, action: Json, *, trigger: str) -> Json:
    return _common(state, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger,
        "view": view.as_json(),
        "actions": [action],
    }


def view_submission(state: State, user: User, view: View, *, trigger: str) -> Json:
    return _common(state, "view_submission", user) | {
        "trigger_id": trigger,
        "view": view.as_json(),
        "response_urls": [],
    }


def view_closed(state: State, user: User, view: View, *, cleared: bool) -> Json:
    return _common(state, "view_closed", user) | {"view": view.as_json(), "is_cleared": cleared}


def global_shortcut(state: State, user: User, callback_id: str, at: str, *, trigger: str) -> Json:
    who = {"id": user.id, "username": user.name, "team_id": user.team}
    return _common(state, "shortcut", user) | {
        "user": who,
        "callback_id": callback_id,
        "trigger_id": trigger,
        "action_ts": at,
    }


def message_shortcut(
    state: State, user: User, callback_id: str, message: Message, at: str, *, trigger: str, response_url: str
) -> Json:
    return _common(state, "message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": trigger,
        "action_ts": at,
        "response_url": response_url,
        "message_ts": message.ts,
        "channel": _named(state.channels[message.channel]),
        "message": message_json(state, message),
    }


def slash_command(
    state: State, user: User, command: str, text: str, channel: Channel, *, trigger: str, response_url: str
) -> Json:
    team = state.teams["T1"]
    return {
        "token": "verification-token",
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _named(channel)["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }
