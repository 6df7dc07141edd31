"""conversations.* and users.conversations: channels, their members, their past."""

from collections.abc import Iterable

from tests.fakes.slack.arguments import BOOLEAN, INTEGER, NAMES, STRING, TS, Signature
from tests.fakes.slack.messages import Message
from tests.fakes.slack.methods.paging import page
from tests.fakes.slack.places import Channel
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import BOT
from tests.fakes.slack.wire import message_json

_TYPES = {"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
_SCOPES = {"channel": "channels", "group": "groups", "mpim": "mpim", "im": "im"}


def history(stage: Stage, given: Json) -> Json:
    channel = _readable(stage, given["channel"])
    newest_first = [m for m in reversed(list(stage.state.visible(channel.id))) if not m.is_reply or m.broadcast]
    return _shown(stage, _between(newest_first, given), given)


def replies(stage: Stage, given: Json) -> Json:
    channel = _readable(stage, given["channel"])
    asked = stage.state.find_message(channel.id, given["ts"])
    if asked is None or asked.is_ephemeral:
        if not (children := stage.state.replies(channel.id, given["ts"])):
            raise Refusal("thread_not_found", given["ts"])
        return _shown(stage, _between(children, given), given)
    rest = [] if asked.is_reply else stage.state.replies(channel.id, asked.ts)
    return _shown(stage, [asked, *_between(rest, given)], given)


def _between(messages: Iterable[Message], given: Json) -> list[Message]:
    oldest, latest, inclusive = given.get("oldest", "0"), given.get("latest", "9" * 10), given.get("inclusive", False)
    low, high = float(oldest), float(latest)
    return [m for m in messages if low < float(m.ts) < high or (inclusive and m.ts in (oldest, latest))]


def _shown(stage: Stage, messages: list[Message], given: Json) -> Json:
    shown, cursor = page(messages, given)
    with_metadata = given.get("include_all_metadata", False)
    answer: Json = {
        "messages": [message_json(stage.state, m, with_metadata=with_metadata) for m in shown],
        "has_more": bool(cursor),
        "pin_count": 0,
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _readable(stage: Stage, channel_id: str) -> Channel:
    channel = stage.state.channel(channel_id)
    needed = f"{_SCOPES[channel.kind]}:history"
    if needed not in stage.state.scopes:
        raise Breach("missing_scope", needed, needed=needed, provided=",".join(sorted(stage.state.scopes)))
    if BOT.id not in channel.members:
        raise Refusal("not_in_channel", channel_id)
    return channel


def info(stage: Stage, given: Json) -> Json:
    channel = stage.state.channel(given["channel"])
    return {"channel": channel.as_json(seen_by=BOT.id)}


def members(stage: Stage, given: Json) -> Json:
    channel = stage.state.channel(given["channel"])
    shown, cursor = page(sorted(channel.members), given)
    return {"members": list(shown), "response_metadata": {"next_cursor": cursor}}


def open_direct(stage: Stage, given: Json) -> Json:
    if ("users" in given) == ("channel" in given):
        raise Breach("invalid_arguments", "exactly one of users and channel is required")
    if "channel" in given:
        return {"channel": {"id": stage.state.channel(given["channel"]).id}, "no_op": True, "already_open": True}
    users = [stage.state.user(user) for user in given["users"]]
    if len(users) != 1:
        channel = stage.state.add_channel("mpdm", "mpim", {BOT.id, *(user.id for user in users)})
        return {"channel": {"id": channel.id}}
    if users[0].is_bot:
        raise Refusal("cannot_dm_bot", users[0].id)
    channel = stage.state.direct_channel(users[0].id)
    return {"channel": channel.as_json(seen_by=BOT.id) if given.get("return_im") else {"id": channel.id}}


def list_channels(stage: Stage, given: Json) -> Json:
    return _listed(stage, given, lambda channel: channel.kind == "channel" or BOT.id in channel.members)


def own_channels(stage: Stage, given: Json) -> Json:
    return _listed(
        stage, given, lambda channel: given.get("user", BOT.id) in channel.members and BOT.id in channel.members
    )


def _listed(stage: Stage, given: Json, belongs: object) -> Json:
    types = given.get("types", ["public_channel"])
    if unknown := set(types) - set(_TYPES):
        raise Breach("invalid_types", ", ".join(sorted(unknown)))
    kinds = {_TYPES[name] for name in types}
    found = [
        channel
        for channel in stage.state.channels.values()
        if channel.kind in kinds
        and belongs(channel)  # type: ignore[operator]
        and not (given.get("exclude_archived") and channel.is_archived)
    ]
    shown, cursor = page(found, given)
    return {"channels": [c.as_json(seen_by=BOT.id) for c in shown], "response_metadata": {"next_cursor": cursor}}


_PAGE = {"cursor": STRING, "limit": INTEGER}
_WINDOW = {**_PAGE, "oldest": STRING, "latest": STRING, "inclusive": BOOLEAN, "include_all_metadata": BOOLEAN}
_LISTING = {**_PAGE, "types": NAMES, "exclude_archived": BOOLEAN}
METHODS: Methods = {
    "conversations.history": Method(history, Signature({"channel": STRING}, _WINDOW)),
    "conversations.replies": Method(replies, Signature({"channel": STRING, "ts": TS}, _WINDOW)),
    "conversations.info": Method(
        info, Signature({"channel": STRING}, {"include_locale": BOOLEAN, "include_num_members": BOOLEAN})
    ),
    "conversations.members": Method(members, Signature({"channel": STRING}, _PAGE)),
    "conversations.open": Method(
        open_direct,
        Signature({}, {"users": NAMES, "channel": STRING, "return_im": BOOLEAN, "prevent_creation": BOOLEAN}),
        "im:write",
    ),
    "conversations.list": Method(list_channels, Signature({}, _LISTING), "channels:read"),
    "users.conversations": Method(own_channels, Signature({}, {**_LISTING, "user": STRING}), "channels:read"),
}
