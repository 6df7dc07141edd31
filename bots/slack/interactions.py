"""Clicks, submissions and commands as values. Pure: what Slack's payloads mean, in the runtime's words."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from bots.slack.inbound import PLATFORM, conversation
from bots.slack.settings import Identity
from runtime.records import ConversationRef, UserRef

Json = Mapping[str, Any]
Surface = Literal["message", "modal", "home"]


class Click(Struct, frozen=True, kw_only=True):
    """Somebody used a button or sent off a modal. `verb` says only which form to show: the token decides.

    `message_ts` is the message that was clicked, "" elsewhere; `view_id` the view. `words` is what they wrote.
    """

    verb: str
    token: str
    by: UserRef
    by_name: str
    where: ConversationRef
    surface: Surface
    trigger: str = ""
    response_url: str = ""
    message_ts: str = ""
    is_ephemeral: bool = False
    view_id: str = ""
    is_stacked: bool = False
    words: str = ""
    is_foreign: bool = False


class Command(Struct, frozen=True, kw_only=True):
    """A slash command. `key` is Slack's own for it."""

    key: str
    words: str
    by: UserRef
    by_name: str
    where: ConversationRef
    response_url: str


def read_click(body: Json, me: Identity) -> Click | None:
    """A button of ours that carries a token; None for whatever else can be acted on."""
    action: Json = next(iter(body.get("actions") or ()), {})
    owner, _, rest = str(action.get("action_id", "")).partition(":")
    if owner != "mallard" or not action.get("value"):
        return None
    view, container, message = body.get("view") or {}, body.get("container") or {}, body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    message_ts = str(container.get("message_ts") or message.get("ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or message_ts)
    return Click(
        verb=rest.partition(":")[0],
        token=str(action["value"]),
        by=user_of(body, me),
        by_name=_name(body),
        where=conversation(me, channel, thread),
        surface="message" if not view else "home" if view.get("type") == "home" else "modal",
        trigger=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        message_ts=message_ts,
        is_ephemeral=bool(container.get("is_ephemeral")),
        view_id=str(view.get("id") or ""),
        is_foreign=message.get("bot_id") not in (None, me.bot),
    )


def read_submission(body: Json, me: Identity) -> Click | None:
    """A form of ours that was sent off. Its place was put into `callback_id` when it was opened."""
    view = body.get("view") or {}
    owner, _, rest = str(view.get("callback_id", "")).partition(":")
    token = str(view.get("private_metadata") or "")
    if owner != "mallard" or not token:
        return None
    verb, _, place = rest.partition(":")
    channel, _, thread = place.partition(":")
    inputs = (view.get("state") or {}).get("values") or {}
    words = ((inputs.get("words") or {}).get("words") or {}).get("value") or ""
    return Click(
        verb=verb,
        token=token,
        by=user_of(body, me),
        by_name=_name(body),
        where=conversation(me, channel, thread),
        surface="message" if channel else "home",
        view_id=str(view.get("id") or ""),
        is_stacked=bool(view.get("previous_view_id")),
        words=str(words).strip(),
    )


def read_command(body: Json, me: Identity) -> Command:
    return Command(
        key=str(body.get("trigger_id") or body.get("response_url") or ""),
        words=" ".join(str(body.get("text") or "").split()) or "help",
        by=UserRef(platform=PLATFORM, space=str(body.get("team_id") or me.team), id=str(body.get("user_id"))),
        by_name=str(body.get("user_name") or ""),
        where=conversation(me, str(body.get("channel_id") or ""), ""),
        response_url=str(body.get("response_url") or ""),
    )


def user_of(body: Json, me: Identity) -> UserRef:
    """Who acted, with the workspace that is theirs: names are never compared."""
    user = body.get("user") or {}
    team = user.get("team_id") or (body.get("team") or {}).get("id") or me.team
    return UserRef(platform=PLATFORM, space=str(team), id=str(user.get("id")))


def place_of(click: Click) -> str:
    """Where a form was asked for, short enough for a `callback_id`."""
    return f"{click.where.channel}:{click.where.thread}" if click.where.channel else ""


def _name(body: Json) -> str:
    user = body.get("user") or {}
    return str(user.get("name") or user.get("username") or "")
