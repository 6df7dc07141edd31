"""Messages as Slack writes them: in API answers, in events, inside interactive payloads."""

import re
from typing import Any

from tests.fakes.slack.messages import Message
from tests.fakes.slack.places import Channel
from tests.fakes.slack.state import APP_ID, BOT, State

Json = dict[str, Any]
_TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9_]+)>|<#(?P<channel>[CGD][A-Z0-9]+)(?:\|[^>]*)?>|<!(?P<range>here|channel|everyone)>"
)


def message_json(state: State, message: Message, *, with_metadata: bool = False) -> Json:
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.fallback}
    if message.team:
        body["team"] = message.team
    if message.client_msg_id:
        body["client_msg_id"] = message.client_msg_id
    if message.inviter:
        body["inviter"] = message.inviter
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": _bot_profile(state, message)}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.blocks:
        body["blocks"] = list(message.blocks)
    if message.files:
        body |= {"files": [file.as_json() for file in message.files], "upload": False, "display_as_bot": False}
    if message.edited:
        body["edited"] = message.edited
    if message.metadata and with_metadata:
        body["metadata"] = message.metadata
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return body | _threading(state, message)


def _threading(state: State, message: Message) -> Json:
    if message.is_reply and message.thread_ts:
        parent = next((m for m in state.messages if (m.channel, m.ts) == (message.channel, message.thread_ts)), None)
        return {"thread_ts": message.thread_ts, "parent_user_id": parent.user if parent else BOT.id}
    replies = state.replies(message.channel, message.ts)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len({reply.user for reply in replies}),
        "latest_reply": replies[-1].ts,
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "is_locked": False,
        "subscribed": True,
    }


def _bot_profile(state: State, message: Message) -> Json:
    author = state.users.get(message.user, BOT)
    return {
        "id": message.bot_id,
        "app_id": message.app_id,
        "user_id": message.user,
        "name": author.name,
        "icons": {"image_36": "", "image_48": "", "image_72": ""},
        "deleted": False,
        "updated": 1700000000,
        "team_id": author.team,
    }


def rich_text(text: str, *, block_id: str) -> Json:
    """The block that Slack's client makes of what a person types."""
    spans: list[Json] = []
    end = 0
    for match in _TOKEN.finditer(text):
        spans += _plain(text[end : match.start()])
        end = match.end()
        match match.lastgroup:
            case "user":
                spans.append({"type": "user", "user_id": match["user"]})
            case "channel":
                spans.append({"type": "channel", "channel_id": match["channel"]})
            case _:
                spans.append({"type": "broadcast", "range": match["range"]})
    spans += _plain(text[end:])
    section = {"type": "rich_text_section", "elements": spans}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _plain(text: str) -> list[Json]:
    shown = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return [{"type": "text", "text": shown}] if shown else []


def event_callback(state: State, event: Json, *, event_id: str, channel: Channel | None = None) -> Json:
    """The envelope of the Events API around an event."""
    team = state.teams["T1"]
    return {
        "token": "verification-token",
        "team_id": team.id,
        "context_team_id": team.id,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(state.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team.id,
                "user_id": BOT.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_shared),
        "event_context": f"4-{event_id}",
    }
