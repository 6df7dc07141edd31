"""Files in and out: three calls to post one, one careful download to read one."""

import asyncio
import hashlib
import io
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from bots.slack import blocks
from bots.slack.clients import Clients
from bots.slack.failures import repeatable, writing
from bots.slack.settings import SlackSettings
from runtime.attachments import as_text, unread
from runtime.contents import File
from runtime.errors import PlatformError, PlatformRefused, PlatformUnavailable
from runtime.records import Attachment, ConversationRef, MessageRef

UNSEEN = "file:"
"""How the id of a file's message begins while Slack has not shown the message itself."""

_LOOKS = (0.0, 0.3, 1.0)


async def upload(clients: Clients, where: ConversationRef, file: File, *, key: str) -> MessageRef:
    """Post a text as a file. Only the last of the three calls can leave it unclear whether it was posted."""
    content = file.text.encode("utf-8", "replace") or b"\n"
    with repeatable():
        ticket = await clients.writes.files_getUploadURLExternal(filename=file.name, length=len(content))
        async with clients.session.post(ticket["upload_url"], data=io.BytesIO(content)) as answer:
            if answer.status != 200:
                raise PlatformUnavailable(f"Slack did not take the file ({answer.status})")
    file_id = str(ticket["file_id"])
    more: dict[str, Any] = {"thread_ts": where.thread} if where.thread else {}
    with writing():
        await clients.writes.files_completeUploadExternal(
            files=[{"id": file_id, "title": _title(file.name, key)}],
            channel_id=where.channel,
            initial_comment=blocks.fallback(file.comment or file.name),
            **more,
        )
    return await _message_of(clients, where, file_id)


def is_marked(message: dict[str, Any], key: str) -> bool:
    """Whether a message shares the file that was posted under this key."""
    return any(str(file.get("title", "")).endswith(_mark(key)) for file in message.get("files") or ())


def _title(name: str, key: str) -> str:
    return f"{name} {_mark(key)}"


def _mark(key: str) -> str:
    """Messages that share a file take no metadata, so the title has to carry the key."""
    return f"#{hashlib.sha256(key.encode()).hexdigest()[:10]}"


async def _message_of(clients: Clients, where: ConversationRef, file_id: str) -> MessageRef:
    """Slack shares a file some moments after it said so."""
    for pause in _LOOKS:
        await asyncio.sleep(pause)
        try:
            with repeatable():
                if where.thread:
                    found = await clients.reads.conversations_replies(channel=where.channel, ts=where.thread, limit=999)
                else:
                    found = await clients.reads.conversations_history(channel=where.channel, limit=20)
        except PlatformError:
            break
        for message in reversed(found.get("messages") or ()):
            if any(file.get("id") == file_id for file in message.get("files") or ()):
                return MessageRef(where=where, id=str(message["ts"]))
    return MessageRef(where=where, id=f"{UNSEEN}{file_id}")


async def fetch(clients: Clients, settings: SlackSettings, attachment: Attachment) -> Attachment:
    """The attachment with its text, or with a note that says why there is none. Raises PlatformUnavailable."""
    if attachment.source.startswith(UNSEEN):
        try:
            attachment = await _described(clients, attachment)
        except PlatformRefused as refusal:
            return unread(attachment, f"Slack does not hand it out: {refusal}")
    if attachment.size > settings.download_cap:
        return unread(
            attachment, f"it has {attachment.size:,} bytes, and no more than {settings.download_cap:,} are read"
        )
    if not _is_slack(attachment.source, settings):
        return unread(attachment, "it does not lie at Slack")
    return await _download(clients, settings, attachment)


async def _described(clients: Clients, attachment: Attachment) -> Attachment:
    with repeatable():
        answer = await clients.reads.files_info(file=attachment.source.removeprefix(UNSEEN))
    file = answer["file"]
    return replace(
        attachment,
        size=int(file.get("size") or 0),
        source=str(file.get("url_private_download") or file.get("url_private") or ""),
    )


async def _download(clients: Clients, settings: SlackSettings, attachment: Attachment) -> Attachment:
    """The token goes along, so redirects, which may lead away from Slack, are not followed."""
    headers = {"Authorization": f"Bearer {clients.token}"}
    with repeatable():
        async with clients.session.get(attachment.source, headers=headers, allow_redirects=False) as answer:
            if answer.status == 429 or answer.status >= 500:
                raise PlatformUnavailable(f"Slack did not send the file ({answer.status})")
            if answer.status != 200:
                return unread(attachment, f"Slack answered {answer.status}")
            if answer.content_type == "text/html" and attachment.media_type != "text/html":
                return unread(attachment, "Slack sent its sign-in page: does the app have files:read?")
            content = await answer.content.read(settings.download_cap + 1)
            while len(content) <= settings.download_cap and (more := await answer.content.read(65_536)):
                content += more
    if len(content) > settings.download_cap:
        return unread(attachment, f"it is larger than it said, and no more than {settings.download_cap:,} are read")
    return as_text(attachment, content, settings.text_cap)


def _is_slack(source: str, settings: SlackSettings) -> bool:
    """Whether the bot token may be shown there."""
    target, api = urlsplit(source), urlsplit(settings.api_base_url)
    if (target.scheme, target.netloc) == (api.scheme, api.netloc):
        return True
    host = target.hostname or ""
    return target.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
