"""Slack's message events and history as messages to Mallard. Pure: an event either is one, or is None."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bots.slack import wording
from bots.slack.settings import Identity
from runtime.records import UNKNOWN_SPACE, Attachment, ConversationRef, IncomingMessage, UserRef

PLATFORM = "slack"
Json = Mapping[str, Any]

_SPOKEN = frozenset({None, "", "file_share", "thread_broadcast", "me_message"})
_NOBODY = frozenset({"USLACKBOT"})


def sent_at(ts: str) -> datetime:
    """A message's `ts` is its time as well as its name."""
    return datetime.fromtimestamp(float(ts), tz=UTC)


def ts_of(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def is_direct(channel: str) -> bool:
    return channel.startswith("D")


def find_message(event: Json, me: Identity, *, name: str = "", is_shared: bool = False) -> IncomingMessage | None:
    """What a person said to Mallard, or may have; None for everything else.

    Not for it are its own words, other bots', edits, joins and the like, and what is said in a channel outside
    threads without naming it. A thread reply without a mention comes out with `addressed=False`. An `app_mention`
    and the `message` beside it give the same message with the same id. `is_shared`: people of other workspaces are there.
    """
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if not user or not channel or not ts or event.get("subtype") not in _SPOKEN or event.get("hidden"):
        return None
    if user == me.user or user in _NOBODY or event.get("bot_id") or event.get("edited"):
        return None
    text = str(event.get("text") or "")
    direct, in_thread = is_direct(channel), event.get("thread_ts") not in (None, ts)
    addressed = direct or event.get("type") == "app_mention" or wording.names(text, me.user)
    if not addressed and not in_thread:
        return None
    attachments = tuple(attachment(file) for file in event.get("files") or ())
    words = wording.plain(text, own_id=me.user)
    return IncomingMessage(
        id=ts,
        where=conversation(me, channel, event.get("thread_ts") or ts),
        author=UserRef(platform=PLATFORM, space=team_of(event, me, is_shared=is_shared), id=user),
        author_name=name,
        text=words if words or attachments else "help",
        sent_at=sent_at(ts),
        direct=direct,
        addressed=addressed,
        attachments=attachments,
    )


def conversation(me: Identity, channel: str, thread: str) -> ConversationRef:
    """A thread, named by the `ts` of its first message: in DMs too, where each message opens one."""
    return ConversationRef(platform=PLATFORM, space=me.team, channel=channel, thread=thread)


def team_of(event: Json, me: Identity, *, is_shared: bool) -> str:
    """Whose user it is: people from connected workspaces keep their own. Where those are, nobody is taken for one of ours of
    whom it is not said: neither by the event nor by a file that they brought."""
    own_files = (file for file in event.get("files") or () if file.get("user") == event.get("user"))
    said = event.get("user_team") or event.get("team") or next((file.get("user_team") for file in own_files), None)
    return str(said or (UNKNOWN_SPACE if is_shared else me.team))


def is_shared(body: Json) -> bool:
    """Whether an event's envelope says that people of other workspaces are there."""
    return bool(body.get("is_ext_shared_channel"))


def attachment(file: Json) -> Attachment:
    """What Slack says of a file. Files of connected workspaces come with no more than an id."""
    return Attachment(
        name=str(file.get("name") or file.get("title") or file.get("id") or "file"),
        media_type=str(file.get("mimetype") or "application/octet-stream"),
        size=int(file.get("size") or 0),
        source=str(file.get("url_private_download") or file.get("url_private") or f"file:{file.get('id', '')}"),
    )
