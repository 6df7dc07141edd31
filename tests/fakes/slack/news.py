"""Events: what Slack tells the app about messages, mentions, homes and stops."""

from collections.abc import Iterator
from typing import Any

from tests.fakes.slack.messages import Message
from tests.fakes.slack.places import Channel
from tests.fakes.slack.state import BOT, State
from tests.fakes.slack.views import View
from tests.fakes.slack.wire import message_json

Json = dict[str, Any]
_SUBSCRIPTION = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


def about_message(state: State, message: Message) -> Iterator[Json]:
    """A new message: `message.*`, and `app_mention` beside it when it names the bot outside a DM."""
    channel = state.channels[message.channel]
    if BOT.id not in channel.members or message.is_ephemeral:
        return
    body = message_json(state, message) | _where(channel, message.ts) | _from_elsewhere(state, message)
    if message.broadcast and message.thread_ts:
        root = state.find_message(message.channel, message.thread_ts)
        body |= {"subtype": "thread_broadcast", "root": message_json(state, root) if root else {}}
    if _mentions_bot(message, channel) and "app_mention" in state.subscriptions:
        hidden = {"channel_type", "parent_user_id", "root"}
        yield {name: value for name, value in body.items() if name not in hidden} | {"type": "app_mention"}
    if _SUBSCRIPTION[channel.kind] in state.subscriptions:
        yield body


def about_change(state: State, message: Message, before: Json, at: str) -> Iterator[Json]:
    channel = state.channels[message.channel]
    if BOT.id in channel.members and not message.is_ephemeral and _SUBSCRIPTION[channel.kind] in state.subscriptions:
        now = message_json(state, message) | {"source_team": message.team, "user_team": message.team}
        yield (
            {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "message": now,
                "previous_message": before,
            }
            | _where(channel, at)
            | {"ts": at}
        )


def about_deletion(state: State, message: Message, before: Json, at: str) -> Iterator[Json]:
    channel = state.channels[message.channel]
    if BOT.id in channel.members and not message.is_ephemeral and _SUBSCRIPTION[channel.kind] in state.subscriptions:
        yield (
            {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "deleted_ts": message.ts,
                "previous_message": before,
            }
            | _where(channel, at)
            | {"ts": at}
        )


def home_opened(state: State, user: str, tab: str, at: str) -> Iterator[Json]:
    if "app_home_opened" in state.subscriptions:
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": state.direct_channel(user).id,
            "tab": tab,
            "event_ts": at,
        }
        home: View | None = state.homes.get(user)
        yield event | ({"view": home.as_json()} if tab == "home" and home else {})


def session_stopped(
    state: State, channel: str, thread_ts: str, user: str, streams: list[str], at: str
) -> Iterator[Json]:
    if "agent_session_stopped" in state.subscriptions:
        yield {
            "type": "agent_session_stopped",
            "channel": channel,
            "thread_ts": thread_ts,
            "user": user,
            "streaming_message_ts": streams,
            "event_ts": at,
        }


def context_changed(state: State, channel: str, user: str, looking_at: str | None, at: str) -> Iterator[Json]:
    if "app_context_changed" in state.subscriptions:
        entity = {"type": "slack#/types/channel_id", "value": looking_at, "team_id": "T1"}
        yield {
            "type": "app_context_changed",
            "channel": channel,
            "user": user,
            "context": {"entities": [entity] if looking_at else []},
            "event_ts": at,
        }


def uninstalled(state: State, at: str) -> Iterator[Json]:
    if "tokens_revoked" in state.subscriptions:
        yield {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT.id]}, "event_ts": at}
    if "app_uninstalled" in state.subscriptions:
        yield {"type": "app_uninstalled", "event_ts": at}


def _where(channel: Channel, at: str) -> Json:
    return {"channel": channel.id, "event_ts": at, "channel_type": channel.kind}


def _from_elsewhere(state: State, message: Message) -> Json:
    author = state.users.get(message.user)
    if author is None or author.team == state.channels[message.channel].team:
        return {}
    return {"user_team": author.team, "source_team": author.team, "team": author.team}


def _mentions_bot(message: Message, channel: Channel) -> bool:
    return not channel.is_direct and message.user != BOT.id and f"<@{BOT.id}>" in message.fallback
