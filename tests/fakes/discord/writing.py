"""Messages as Discord writes them: over REST, over the gateway, inside interactions; with or without their content."""

from typing import Any

from tests.fakes.discord.content import with_ids, without_ids
from tests.fakes.discord.messages import HAS_THREAD, Attachment, Message
from tests.fakes.discord.signing import signed
from tests.fakes.discord.snowflakes import born
from tests.fakes.discord.state import State
from tests.fakes.discord.wire import at, channel_json, member_json, user_json

Json = dict[str, Any]
BLANK: Json = {"content": "", "attachments": [], "embeds": [], "components": []}


def message_json(state: State, message: Message, *, origin: str, readable: bool = True) -> Json:
    """`readable` says that the app may read it even if others wrote it; see `is_readable`."""
    body: Json = {
        "id": message.id,
        "channel_id": message.channel,
        "author": user_json(state.users[message.author]),
        "content": message.content.words,
        "timestamp": at(born(message.id)),
        "edited_timestamp": None if message.edited_at is None else at(message.edited_at),
        "tts": False,
        "mention_everyone": message.mentions_everyone,
        "mentions": [user_json(state.users[user]) for user in message.mentions],
        "mention_roles": list(message.mention_roles),
        "attachments": [attachment_json(state, file, origin=origin) for file in message.attachments],
        "embeds": list(message.embeds),
        "components": [_with_links(state, message, component, origin) for component in message.components],
        "pinned": False,
        "type": message.type,
        "flags": message.flags,
    }
    if message.webhook:
        body |= {"webhook_id": message.webhook, "application_id": message.webhook}
    if message.asked_by:
        body |= {"interaction_metadata": message.asked_by}
    if message.reference:
        body["message_reference"] = message.reference
        body |= _referenced(state, message, origin, readable)
    if message.flags & HAS_THREAD and (thread := state.find_channel(message.id)):
        body["thread"] = channel_json(state, thread)
    return body if readable else body | BLANK


def _with_links(state: State, message: Message, value: Any, origin: str) -> Any:
    """The same component, `attachment://name` in it replaced by what there is under that name."""
    match value:
        case {"url": str(url)} if url.startswith("attachment://"):
            file = next(f for f in message.attachments if f.filename == url.removeprefix("attachment://"))
            shown = attachment_json(state, file, origin=origin)
            kept = {name: shown[name] for name in ("url", "proxy_url", "content_type") if name in shown}
            return kept | {"attachment_id": file.id, "loading_state": 2}
        case {"type": 13, "file": {"url": str(url)}}:
            file = next(f for f in message.attachments if f.filename == url.removeprefix("attachment://"))
            inside = {name: _with_links(state, message, child, origin) for name, child in value.items()}
            return inside | {"name": file.filename, "size": len(file.content)}
        case dict():
            return {name: _with_links(state, message, child, origin) for name, child in value.items()}
        case list():
            return [_with_links(state, message, child, origin) for child in value]
        case _:
            return value


def _referenced(state: State, message: Message, origin: str, readable: bool) -> Json:
    if message.type != 19 or message.reference is None:
        return {}
    original = state.find_message(str(message.reference.get("message_id")))
    if original is None:
        return {"referenced_message": None}
    flat = message_json(state, original, origin=origin, readable=readable)
    return {"referenced_message": {name: value for name, value in flat.items() if name != "referenced_message"}}


def event_json(state: State, message: Message, *, origin: str, readable: bool) -> Json:
    """As MESSAGE_CREATE tells of it: with the guild and the member, and with the nonce, which nothing else shows."""
    body = message_json(state, message, origin=origin, readable=readable)
    channel = state.channels[message.channel]
    if message.nonce is not None:
        body["nonce"] = message.nonce
    if channel.guild is None:
        return body
    member = state.guilds[channel.guild].members.get(message.author)
    known = {"member": member_json(member, with_user=False)} if member and not message.webhook else {}
    return body | {"guild_id": channel.guild} | known


def attachment_json(state: State, file: Attachment, *, origin: str) -> Json:
    """With a link that is signed now, and good for a day."""
    url = signed(f"{origin}/cdn/attachments/{file.channel}/{file.id}/{file.filename}", now=state.clock.now())
    return {
        "id": file.id,
        "filename": file.filename,
        "size": len(file.content),
        "url": url,
        "proxy_url": url,
        **({"content_type": file.content_type} if file.content_type else {}),
        **({"description": file.description} if file.description else {}),
    }


def is_readable(state: State, message: Message, *, allowed: bool) -> bool:
    """Whether the content is shown to the app: with the intent, or in a DM, or to whom it names, or its own."""
    channel = state.channels[message.channel]
    return allowed or channel.is_direct or message.author == state.bot.id or state.bot.id in message.mentions


def for_rest(state: State, message: Message, *, origin: str) -> Json:
    readable = is_readable(state, message, allowed=state.message_content)
    body = message_json(state, message, origin=origin, readable=readable)
    return body if state.keeps_component_ids else body | {"components": list(with_ids(without_ids(body["components"])))}
