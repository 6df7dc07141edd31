"""Messages: said once for each nonce, changed, deleted, read."""

from typing import Any

from tests.fakes.discord import news
from tests.fakes.discord.composing import Draft, composed
from tests.fakes.discord.messages import PLAIN, REPLY, Message
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import WITH_POSTS, Channel, User
from tests.fakes.discord.refusals import Refusal, breach
from tests.fakes.discord.signatures import CREATE_MESSAGE, EDIT_MESSAGE
from tests.fakes.discord.snowflakes import born
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.writing import event_json, for_rest

Json = dict[str, Any]
MOST_READ = 100


def create(stage: Stage, asked: Asked) -> Json:
    channel = stage.state.channel(asked["channel"])
    check_postable(stage, channel)
    reference = _reference(stage, channel, asked.body)
    remembered = _remembered(stage, asked.body)
    if remembered is not None:
        return event_json(stage.state, remembered, origin=stage.origin, readable=True)
    draft = composed(stage, channel, asked)
    if asked.files:
        stage.state.require(channel, Permission.ATTACH_FILES)
    note_loudness(stage, "POST /channels/{channel}/messages", asked.body)
    message = written(stage, channel, draft, nonce=asked.body.get("nonce"), reference=reference)
    return event_json(stage.state, message, origin=stage.origin, readable=True)


def check_postable(stage: Stage, channel: Channel) -> None:
    """Whether the bot may speak there at all; speaking wakes an archived thread."""
    state = stage.state
    if channel.is_direct:
        peer = state.users[channel.peer_of(state.bot.id)]
        if peer.is_bot or not peer.takes_messages or not _share_a_guild(stage, peer):
            raise Refusal(50007)
        return
    if channel.type in WITH_POSTS:
        raise Refusal(50024, "a forum holds posts, not messages")
    wanted = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    state.require(channel, wanted)
    if channel.is_thread and channel.locked and not state.may(channel, state.bot.id, Permission.MANAGE_THREADS):
        raise Refusal(160005)
    if channel.is_thread and channel.archived:
        channel.archived = False
        stage.gateway.tell(news.channel_changed(stage, "THREAD_UPDATE", channel))


def _share_a_guild(stage: Stage, peer: User) -> bool:
    return any({peer.id, stage.state.bot.id} <= guild.members.keys() for guild in stage.state.guilds.values())


def _reference(stage: Stage, channel: Channel, body: Json) -> Json | None:
    """What is replied to: there, or said not to matter."""
    given = body.get("message_reference")
    if given is None:
        return None
    original = stage.state.find_message(str(given["message_id"]))
    if original is None or original.channel != channel.id or original.is_ephemeral:
        if given.get("fail_if_not_exists", True):
            raise Refusal(50035, "message_reference: Unknown message")
        return None
    stage.state.require(channel, Permission.READ_MESSAGE_HISTORY)
    guild = {"guild_id": channel.guild} if channel.guild else {}
    return {"type": 0, "message_id": original.id, "channel_id": channel.id, **guild}


def _remembered(stage: Stage, body: Json) -> Message | None:
    """What was said with this nonce some minutes ago: it is answered again, whatever the new words."""
    nonce = body.get("nonce")
    if not body.get("enforce_nonce") or nonce is None:
        return None
    message = stage.state.last_with(nonce, stage.state.bot.id)
    if message is None or stage.clock.now() - born(message.id) > stage.state.nonce_memory:
        return None
    if message.deleted:
        raise Refusal(10008, "the message of this nonce was deleted")
    return message


def note_loudness(stage: Stage, method: str, body: Json) -> None:
    """Whoever says nothing about mentions lets every one of them ring."""
    if body.get("allowed_mentions") is None and (body.get("content") or body.get("components") or body.get("embeds")):
        stage.record.lapse(method, "allowed_mentions is missing, so every mention in it rings")


def written(stage: Stage, channel: Channel, draft: Draft, **more: Any) -> Message:
    """A message of the bot's, there from now on, and told of."""
    mentions = draft.mentions
    message = Message(
        id=stage.state.ids.new(),
        channel=channel.id,
        author=stage.state.bot.id,
        content=draft.content,
        embeds=draft.embeds,
        attachments=draft.attachments,
        flags=draft.flags,
        mentions=list(mentions.users),
        mention_roles=list(mentions.roles),
        mentions_everyone=mentions.everyone,
        **({"type": REPLY if more.get("reference") else PLAIN} | more),
    )
    stage.state.add_message(message)
    stage.gateway.tell(news.message_created(stage, message))
    return message


def rewritten(stage: Stage, message: Message, draft: Draft) -> Message:
    """The message says something else from now on, and that is told."""
    message.says(draft.content)
    message.embeds, message.attachments = draft.embeds, draft.attachments
    message.flags, message.edited_at = draft.flags, stage.clock.now()
    message.mentions, message.mention_roles = list(draft.mentions.users), list(draft.mentions.roles)
    stage.gateway.tell(news.message_changed(stage, message))
    return message


def edit(stage: Stage, asked: Asked) -> Json:
    message = stage.state.message(asked["channel"], asked["message"])
    if message.author != stage.state.bot.id:
        raise Refusal(50005)
    channel = stage.state.channels[message.channel]
    if channel.is_thread and channel.archived:
        raise Refusal(50083)
    draft = composed(stage, channel, asked, before=message)
    note_loudness(stage, "PATCH /channels/{channel}/messages/{message}", asked.body)
    return for_rest(stage.state, rewritten(stage, message, draft), origin=stage.origin)


def delete(stage: Stage, asked: Asked) -> None:
    message = stage.state.message(asked["channel"], asked["message"])
    if message.author != stage.state.bot.id:
        stage.state.require(stage.state.channels[message.channel], Permission.MANAGE_MESSAGES)
    message.deleted = True
    stage.gateway.tell(news.message_gone(stage, message))


def read_one(stage: Stage, asked: Asked) -> Json:
    return for_rest(stage.state, stage.state.message(asked["channel"], asked["message"]), origin=stage.origin)


def read_many(stage: Stage, asked: Asked) -> list[Json]:
    """Newest first; after `after` the oldest that follow it, still newest first."""
    channel = stage.state.channel(asked["channel"])
    if not stage.state.may(channel, stage.state.bot.id, Permission.READ_MESSAGE_HISTORY):
        return []
    anchors = [name for name in ("before", "after", "around") if name in asked.query]
    if len(anchors) > 1:
        raise breach("/before", "only one of before, after, around")
    most = int(asked.query.get("limit", "50"))
    there = sorted((m for m in stage.state.visible(channel.id) if not m.is_ephemeral), key=lambda m: int(m.id))
    match anchors:
        case ["before"]:
            found = [m for m in there if int(m.id) < int(asked.query["before"])][-most:]
        case ["after"]:
            found = [m for m in there if int(m.id) > int(asked.query["after"])][:most]
        case ["around"]:
            middle = int(asked.query["around"])
            older = [m for m in there if int(m.id) <= middle][-(most // 2 + 1) :]
            found = older + [m for m in there if int(m.id) > middle][: most // 2]
        case _:
            found = there[-most:]
    return [for_rest(stage.state, message, origin=stage.origin) for message in reversed(found)]


def _is_limit(value: str) -> bool:
    return value.isdigit() and 1 <= int(value) <= MOST_READ


ROUTES: Routes = {
    "POST /channels/{channel}/messages": Route(run=create, body=CREATE_MESSAGE, bucket="create"),
    "GET /channels/{channel}/messages": Route(
        run=read_many,
        query={"limit": _is_limit, "before": str.isdigit, "after": str.isdigit, "around": str.isdigit},
        bucket="read",
    ),
    "GET /channels/{channel}/messages/{message}": Route(run=read_one, bucket="read-one"),
    "PATCH /channels/{channel}/messages/{message}": Route(run=edit, body=EDIT_MESSAGE, bucket="edit"),
    "DELETE /channels/{channel}/messages/{message}": Route(run=delete, bucket="delete"),
}
