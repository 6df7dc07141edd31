"""chat.*: posting, changing, deleting."""

from tests.fakes.slack import news
from tests.fakes.slack.arguments import BOOLEAN, LIST, NAMES, OBJECT, STRING, TS, Signature
from tests.fakes.slack.content import Content
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import APP_ID, BOT
from tests.fakes.slack.wire import message_json
from tests.fakes.slack.wording import check_posted, content_of

_CUSTOM = {"username": STRING, "icon_emoji": STRING, "icon_url": STRING}
_SAID = {"text": STRING, "blocks": LIST, "attachments": LIST, "markdown_text": STRING}
_READ = {"link_names": BOOLEAN, "parse": STRING, "as_user": BOOLEAN}


def post_message(stage: Stage, given: Json) -> Json:
    _check_customised(stage, given)
    channel = stage.state.postable(given["channel"])
    _check_says_something(given)
    check_posted(stage, "chat.postMessage", given)
    stage.state.check_thread(channel.id, given.get("thread_ts"))
    message = add_bot_message(
        stage,
        channel.id,
        content_of(stage, given),
        thread_ts=given.get("thread_ts"),
        broadcast=given.get("reply_broadcast", False),
        metadata=given.get("metadata"),
    )
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": message_json(stage.state, message, with_metadata=True),
    }


def add_bot_message(stage: Stage, channel: str, content: Content, **more: object) -> Message:
    """Put a message of the bot into a channel, and tell the app, which hears its own messages too."""
    message = Message(
        channel=channel,
        ts=stage.clock.timestamp(),
        user=BOT.id,
        team=BOT.team,
        bot_id=BOT.bot_id,
        app_id=APP_ID,
        content=content,
        **more,  # type: ignore[arg-type]
    )
    stage.state.messages.append(message)
    if not message.is_ephemeral:
        stage.state.clear_status_line(channel, message.thread)
        stage.dispatch.tell_soon(news.about_message(stage.state, message))
    return message


def post_ephemeral(stage: Stage, given: Json) -> Json:
    _check_customised(stage, given)
    channel = stage.state.postable(given["channel"])
    if given["user"] not in channel.members:
        raise Refusal("user_not_in_channel", given["user"])
    _check_says_something(given)
    check_posted(stage, "chat.postEphemeral", given)
    stage.state.check_thread(channel.id, given.get("thread_ts"))
    content = content_of(stage, given)
    message = add_bot_message(stage, channel.id, content, thread_ts=given.get("thread_ts"), seen_only_by=given["user"])
    return {"message_ts": message.ts}


def update_message(stage: Stage, given: Json) -> Json:
    message = _own_message(stage, given, "cant_update_message")
    if message.is_streaming:
        raise Refusal("streaming_state_conflict", message.ts)
    _check_says_something(given, also=("file_ids", "metadata", "reply_broadcast"))
    check_posted(stage, "chat.update", given)
    before = message_json(stage.state, message)
    rewrite(stage, message, given)
    at = stage.clock.timestamp()
    stage.dispatch.tell_soon(news.about_change(stage.state, message, before, at))
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.fallback,
        "message": message_json(stage.state, message, with_metadata=True),
    }


def rewrite(stage: Stage, message: Message, given: Json) -> None:
    """Text alone removes the blocks and marks the message as edited; what is not given at all stays as it was."""
    if any(name in given for name in ("text", "blocks", "markdown_text")):
        message.says(content_of(stage, given))
        if not given.get("blocks") and "markdown_text" not in given:
            message.edited = {"user": message.user, "ts": stage.clock.timestamp()}
    if "metadata" in given:
        message.metadata = given["metadata"] or None


def delete_message(stage: Stage, given: Json) -> Json:
    message = _own_message(stage, given, "cant_delete_message")
    before = message_json(stage.state, message)
    message.deleted = True
    at = stage.clock.timestamp()
    stage.dispatch.tell_soon(news.about_deletion(stage.state, message, before, at))
    return {"channel": message.channel, "ts": message.ts}


def _own_message(stage: Stage, given: Json, error: str) -> Message:
    if given["channel"][:1] in "UW":
        raise Breach("channel_not_found", "changing a message needs the channel's id, not a user's")
    channel = stage.state.channel(given["channel"])
    message = stage.state.message(channel.id, given["ts"])
    if message.user != BOT.id:
        raise Refusal(error, f"{message.ts} is by {message.user}")
    if channel.is_archived:
        raise Refusal("is_archived" if error == "cant_delete_message" else "is_inactive", channel.id)
    return message


def _check_says_something(given: Json, *, also: tuple[str, ...] = ()) -> None:
    if not any(given.get(name) for name in (*_SAID, *also)):
        raise Breach("no_text", "text, blocks, attachments or markdown_text is needed")


def _check_customised(stage: Stage, given: Json) -> None:
    if any(name in given for name in _CUSTOM) and "chat:write.customize" not in stage.state.scopes:
        raise Breach("missing_scope", "a name or icon of its own", needed="chat:write.customize")


METHODS: Methods = {
    "chat.postMessage": Method(
        post_message,
        Signature(
            {"channel": STRING},
            {
                **_SAID,
                **_READ,
                **_CUSTOM,
                "thread_ts": TS,
                "reply_broadcast": BOOLEAN,
                "unfurl_links": BOOLEAN,
                "unfurl_media": BOOLEAN,
                "metadata": OBJECT,
                "mrkdwn": BOOLEAN,
                "container_id": STRING,
            },
        ),
        "chat:write",
    ),
    "chat.postEphemeral": Method(
        post_ephemeral,
        Signature({"channel": STRING, "user": STRING}, {**_SAID, **_READ, **_CUSTOM, "thread_ts": TS}),
        "chat:write",
    ),
    "chat.update": Method(
        update_message,
        Signature(
            {"channel": STRING, "ts": TS},
            {**_SAID, **_READ, "file_ids": NAMES, "reply_broadcast": BOOLEAN, "metadata": OBJECT},
        ),
        "chat:write",
    ),
    "chat.delete": Method(delete_message, Signature({"channel": STRING, "ts": TS}, {"as_user": BOOLEAN}), "chat:write"),
}
