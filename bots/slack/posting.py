"""Saying something in a conversation, changing it later, and finding it again by its key."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, assert_never

from bots.slack import cards, files, pages
from bots.slack.blocks import Block
from bots.slack.clients import Clients
from bots.slack.failures import SlackRefused, repeatable, writing
from bots.slack.inbound import ts_of
from bots.slack.ledger import StreamLedger
from bots.slack.names import Names
from bots.slack.settings import Identity
from runtime.contents import Card, Content, File, Page, Text
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.records import ConversationRef, MessageRef

EVENT_TYPE = "mallard_message"
_CLOCKS_MAY_DIFFER = timedelta(seconds=60)
_GONE = frozenset({"channel_not_found", "thread_not_found", "not_in_channel", "message_not_found"})


def marked(key: str) -> dict[str, Any]:
    """The metadata by which a message of ours is found again."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def said(content: Text | Card | Page) -> tuple[str, list[Block]]:
    """The fallback text and the blocks of a content."""
    match content:
        case Text(markdown=markdown):
            return pages.text_fallback(markdown), pages.text_blocks(markdown)
        case Card():
            return cards.card_text(content), cards.card_blocks(content)
        case Page():
            return pages.page_text(content), pages.page_blocks(content)
        case _:
            assert_never(content)


class Posting:
    def __init__(self, clients: Clients, me: Identity, ledger: StreamLedger, names: Names) -> None:
        self._clients = clients
        self._me = me
        self._ledger = ledger
        self._names = names

    async def post(self, where: ConversationRef, content: Content, *, key: str) -> MessageRef:
        if isinstance(content, File):
            return await files.upload(self._clients, where, content, key=key)
        text, blocks = said(await self._names.named(content))
        with writing():
            answer = await self._clients.writes.chat_postMessage(
                channel=where.channel,
                thread_ts=where.thread or None,
                text=text,
                blocks=blocks,
                metadata=marked(key),
                unfurl_links=False,
                unfurl_media=False,
            )
        return MessageRef(where=where, id=str(answer["ts"]))

    async def edit(self, message: MessageRef, content: Content, *, key: str = "") -> None:
        """`key` marks a stream that an earlier process began and could not mark: unmarked, it would be nobody's."""
        if message.id.startswith(files.UNSEEN):
            raise PlatformRefused("the file was posted, but its message could not be found to be changed")
        if isinstance(content, File):
            content = Text(markdown=content.comment or content.name)
        text, blocks = said(await self._names.named(content))
        await self.rewrite(message, text, blocks, key=self._ledger.key_of(message) or key)
        self._ledger.forget(message)

    async def rewrite(self, message: MessageRef, text: str, blocks: list[Block], *, key: str = "") -> None:
        """Replace all of a message; `key` marks one that could not be marked when it was posted."""
        channel, ts = message.where.channel, message.id
        more: dict[str, Any] = {"metadata": marked(key)} if key else {}
        try:
            with repeatable():
                await self._clients.writes.chat_update(channel=channel, ts=ts, text=text, blocks=blocks, **more)
        except SlackRefused as refusal:
            if refusal.code != "streaming_state_conflict":
                raise
            with repeatable():
                await self._clients.writes.chat_stopStream(channel=channel, ts=ts)
                await self._clients.writes.chat_update(channel=channel, ts=ts, text=text, blocks=blocks, **more)

    async def find_posted(
        self, where: ConversationRef, key: str, since: datetime, *, streamed: bool = False
    ) -> MessageRef | None:
        """By the key in its metadata, or in a file's title. A stream cannot be marked before it ends: one that this
        process does not write, and that nobody marked, is what a crash left behind. Where what is sought may have been
        `streamed`, it is marked and taken over."""
        if live := self._ledger.find(where, key):
            return live
        orphan: dict[str, Any] | None = None
        try:
            async for message in self._messages(where, since - _CLOCKS_MAY_DIFFER):
                if message.get("user") != self._me.user and message.get("bot_id") != self._me.bot:
                    continue
                if _key_of(message) == key or files.is_marked(message, key):
                    return MessageRef(where=where, id=message["ts"])
                if streamed and where.thread and self._is_orphan(where, message):
                    orphan = message
        except SlackRefused as refusal:
            if refusal.code in _GONE:
                return None
            raise PlatformUnavailable(str(refusal)) from refusal
        return await self._adopt(where, orphan, key) if orphan else None

    def _is_orphan(self, where: ConversationRef, message: dict[str, Any]) -> bool:
        ref = MessageRef(where=where, id=message["ts"])
        return not (message.get("metadata") or message.get("files") or message.get("subtype") or self._ledger.has(ref))

    async def _adopt(self, where: ConversationRef, message: dict[str, Any], key: str) -> MessageRef | None:
        ref = MessageRef(where=where, id=message["ts"])
        try:
            with repeatable():
                await self._clients.writes.chat_stopStream(channel=where.channel, ts=ref.id, metadata=marked(key))
        except SlackRefused:
            text = str(message.get("text") or "…")
            try:
                await self.rewrite(ref, pages.text_fallback(text), pages.text_blocks(text), key=key)
            except PlatformRefused:
                return None
        return ref

    async def _messages(self, where: ConversationRef, since: datetime) -> AsyncIterator[dict[str, Any]]:
        cursor = ""
        while True:
            window: dict[str, Any] = {
                "channel": where.channel,
                "oldest": ts_of(since),
                "limit": 200,
                "include_all_metadata": True,
                **({"cursor": cursor} if cursor else {}),
            }
            with repeatable():
                if where.thread:
                    answer = await self._clients.reads.conversations_replies(ts=where.thread, **window)
                else:
                    answer = await self._clients.reads.conversations_history(**window)
            for message in answer.get("messages") or ():
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return


def _key_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key", "")) if metadata.get("event_type") == EVENT_TYPE else ""
