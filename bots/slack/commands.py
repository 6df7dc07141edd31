"""The slash command and the message shortcut: the same words as in a DM, answered to one person."""

import logging
from collections.abc import Mapping
from typing import Any

from bots.slack import inbound, interactions, wording
from bots.slack.interactions import Command
from bots.slack.settings import Identity
from bots.slack.telling import Telling
from runtime.contents import Page
from runtime.door import Door
from runtime.errands import answer_words, goes_as_message
from runtime.errors import MallardError
from runtime.records import ConversationRef, IncomingMessage

log = logging.getLogger(__name__)

_ASKED = Page(title="Mallard", entries=(), note="I answer in our direct messages.")
_NO_TEXT = "There is no text in this message."
TROUBLE = "That did not work. Please try again."


class Commands:
    def __init__(self, door: Door, me: Identity, telling: Telling) -> None:
        self._door = door
        self._me = me
        self._telling = telling

    async def written_down(self, command: Command) -> bool:
        """Commit what goes the way that messages go: Slack repeats no command, and gives none a message to reply to, so it
        becomes a request in the person's DM. False for what is answered at once. Raises where it is not committed."""
        if not goes_as_message(command.words):
            return False
        text = wording.plain(command.words, own_id=self._me.user)
        await self._door.ask(text, by=command.by, by_name=command.by_name, key=command.key)
        return True

    async def answered(self, command: Command, *, asked: bool) -> None:
        """Say to the person alone what became of `/mallard …`."""
        try:
            page = (
                _ASKED if asked else await answer_words(self._door, command.words, by=command.by, where=command.where)
            )
        except Exception:
            log.exception("a slash command failed")
            await self._telling.say(TROUBLE, to=command.by, where=command.where, response_url=command.response_url)
            return
        if page is not None:
            await self._telling.show(page, to=command.by, where=command.where, response_url=command.response_url)

    async def hand_over(self, body: Mapping[str, Any]) -> str:
        """The shortcut "Ask Mallard" on a message: its text is the request, and the answer comes in its thread. Returns what the
        person should be told, "" for nothing. Raises where it is not committed: Slack sends no shortcut twice."""
        message = self._handed_over(body)
        if message is None:
            return _NO_TEXT
        try:
            await self._door.receive(message)
        except (MallardError, OSError):
            raise
        except Exception:
            log.exception("a shortcut failed")
            return TROUBLE
        return ""

    async def say(self, words: str, body: Mapping[str, Any]) -> None:
        """Say something to whoever used a shortcut."""
        by, url = interactions.user_of(body, self._me), str(body.get("response_url") or "")
        await self._telling.say(words, to=by, where=self._thread_of(body), response_url=url)

    def _handed_over(self, body: Mapping[str, Any]) -> IncomingMessage | None:
        by, original, where = interactions.user_of(body, self._me), body.get("message") or {}, self._thread_of(body)
        ts = _ts_of(body)
        attachments = tuple(inbound.attachment(file) for file in original.get("files") or ())
        text = wording.plain(str(original.get("text") or ""), own_id=self._me.user)
        if not ts or not (text or attachments):
            return None
        user = body.get("user") or {}
        return IncomingMessage(
            id=f"{ts}:{by.id}:{body.get('action_ts', '')}",
            where=where,
            author=by,
            author_name=str(user.get("name") or user.get("username") or ""),
            text=text,
            sent_at=inbound.sent_at(str(body.get("action_ts") or ts)),
            direct=inbound.is_direct(where.channel),
            attachments=attachments,
        )

    def _thread_of(self, body: Mapping[str, Any]) -> ConversationRef:
        channel = str((body.get("channel") or {}).get("id", ""))
        thread = str((body.get("message") or {}).get("thread_ts") or _ts_of(body))
        return inbound.conversation(self._me, channel, thread)


def _ts_of(body: Mapping[str, Any]) -> str:
    return str((body.get("message") or {}).get("ts") or body.get("message_ts") or "")
