"""The slash command and the message shortcut: the same words as in a DM, answered to one person."""

import logging
from collections.abc import Mapping
from typing import Any

from bots.slack import blocks, inbound, interactions, wording
from bots.slack.clients import Clients
from bots.slack.failures import writing
from bots.slack.interactions import Command
from bots.slack.membership import Membership
from bots.slack.posting import marked
from bots.slack.settings import Identity
from bots.slack.telling import Telling
from runtime.contents import Page
from runtime.door import Door
from runtime.errands import answer_words
from runtime.records import IncomingMessage

log = logging.getLogger(__name__)

_TROUBLE = "That did not work. Please try again."


class Commands:
    def __init__(self, door: Door, clients: Clients, me: Identity, membership: Membership, telling: Telling) -> None:
        self._door = door
        self._clients = clients
        self._me = me
        self._membership = membership
        self._telling = telling

    async def typed(self, command: Command) -> None:
        """`/mallard …`. What is not a command becomes a request in the person's DM: Slack gives no message to reply to."""
        try:
            words = command.words or "help"
            page = await answer_words(self._door, words, by=command.by, where=command.where) or await self._ask(command)
        except Exception:
            log.exception("a slash command failed")
            await self._telling.say(_TROUBLE, to=command.by, where=command.where, response_url=command.response_url)
            return
        await self._telling.show(page, to=command.by, where=command.where, response_url=command.response_url)

    async def _ask(self, command: Command) -> Page:
        """Slash commands leave no message behind, so one of ours in the DM begins the thread."""
        home = await self._membership.direct_message(command.by)
        with writing():
            posted = await self._clients.writes.chat_postMessage(
                channel=home.channel,
                text=blocks.fallback(f"You asked: {self._door.mask(command.words)}"),
                metadata=marked(""),
                unfurl_links=False,
                unfurl_media=False,
            )
        event = {"type": "message", "channel": home.channel, "ts": posted["ts"], "user": command.by.id}
        message = inbound.find_message({**event, "user_team": command.by.space, "text": command.words}, self._me)
        if message is not None:
            await self._door.receive(message)
        return Page(title="Mallard", entries=(), note="I answer in our direct messages.")

    async def handed_over(self, body: Mapping[str, Any]) -> None:
        """The shortcut "Ask Mallard" on a message: its text is the request, and the answer comes in its thread."""
        by, original = interactions.user_of(body, self._me), body.get("message") or {}
        channel = str((body.get("channel") or {}).get("id", ""))
        ts = str(original.get("ts") or body.get("message_ts") or "")
        thread = str(original.get("thread_ts") or ts)
        where = inbound.conversation(self._me, channel, thread)
        attachments = tuple(inbound.attachment(file) for file in original.get("files") or ())
        text = wording.plain(str(original.get("text") or ""), own_id=self._me.user)
        url = str(body.get("response_url") or "")
        if not ts or not (text or attachments):
            await self._telling.say("There is no text in this message.", to=by, where=where, response_url=url)
            return
        user = body.get("user") or {}
        message = IncomingMessage(
            id=f"{ts}:{by.id}:{body.get('action_ts', '')}",
            where=where,
            author=by,
            author_name=str(user.get("name") or user.get("username") or ""),
            text=text,
            sent_at=inbound.sent_at(str(body.get("action_ts") or ts)),
            direct=inbound.is_direct(channel),
            attachments=attachments,
        )
        try:
            await self._door.receive(message)
        except Exception:
            log.exception("a shortcut failed")
            await self._telling.say(_TROUBLE, to=by, where=where, response_url=url)
