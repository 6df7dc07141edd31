"""What the library hands us as a message, read off into plain fields."""

from collections.abc import Mapping
from typing import Any

import discord

from bots.discord import places
from bots.discord.inbound import Heard
from bots.discord.interactions import Click, Pressed, read_words
from bots.discord.settings import Identity
from runtime.records import Attachment, ConversationRef


def heard_in(message: discord.Message, me: Identity) -> Heard:
    return Heard(
        id=message.id,
        kind=message.type.value,
        author=message.author.id,
        author_name=message.author.display_name,
        by_machine=message.author.bot or message.webhook_id is not None,
        text=said_in(message),
        names_us=_names_us(message, me),
        names=names_in(message),
        attachments=attachments_of(message),
    )


def said_in(message: discord.Message) -> str:
    """Its text; that of what it forwards, where it has none of its own."""
    return message.content or "\n".join(snapshot.content for snapshot in message.message_snapshots)


def attachments_of(message: discord.Message) -> tuple[Attachment, ...]:
    found = [*message.attachments, *(each for one in message.message_snapshots for each in one.attachments)]
    return tuple(
        Attachment(
            name=each.filename or "file",
            media_type=each.content_type or "application/octet-stream",
            size=each.size,
            source=places.source_of(message.channel.id, message.id, each.id, each.url),
        )
        for each in found
    )


def names_in(message: discord.Message) -> dict[str, str]:
    """Whom and what the text mentions, by id."""
    people = {str(one.id): one.display_name for one in message.mentions}
    channels = {str(one.id): one.name for one in message.channel_mentions}
    roles = {str(one.id): "" if one == _own_role(message) else one.name for one in message.role_mentions}
    return people | channels | roles


def _names_us(message: discord.Message, me: Identity) -> bool:
    """By our name, or by that of the role which Discord made for us."""
    return any(one.id == me.user for one in message.mentions) or _own_role(message) in message.role_mentions


def _own_role(message: discord.Message) -> discord.Role | None:
    return message.guild.self_role if message.guild else None


def click_in(interaction: discord.Interaction[Any], pressed: Pressed, where: ConversationRef) -> Click:
    """Who pressed or sent off what, on which message of ours."""
    message = interaction.message
    submitted: Mapping[str, Any] = interaction.data or {}
    channel = interaction.channel_id or 0
    ephemeral = message is not None and message.flags.ephemeral
    return Click(
        verb=pressed.verb,
        token=pressed.token,
        is_page=pressed.is_page,
        by=places.user(interaction.user.id),
        by_name=interaction.user.display_name,
        where=where,
        surface="ephemeral" if ephemeral else "direct" if places.is_direct(where) else "message",
        message=places.ref_of(where, channel, message.id) if message is not None else None,
        mark=mark_in(message),
        words=read_words(submitted.get("components") or ()),
    )


def mark_in(message: discord.Message | None) -> int:
    """The mark that a message of ours carries: the number of its first component."""
    first = message.components[0] if message is not None and message.components else None
    return int(getattr(first, "id", None) or 0)
