"""Words for one person alone, wherever they clicked."""

import logging
from typing import Any

from bots.slack import blocks, pages, wording
from bots.slack.clients import Clients
from bots.slack.failures import repeatable, writing
from bots.slack.membership import Membership
from bots.slack.names import Names
from bots.slack.posting import marked
from runtime.contents import Page
from runtime.errors import PlatformError
from runtime.records import ConversationRef, UserRef

log = logging.getLogger(__name__)


class Telling:
    def __init__(self, clients: Clients, membership: Membership, names: Names) -> None:
        self._clients = clients
        self._names = names
        self._membership = membership

    async def say(self, words: str, *, to: UserRef, where: ConversationRef, response_url: str = "") -> None:
        """As an ephemeral in the conversation; else through the response URL; else in their DM; else in the log."""
        await self._privately({"text": wording.localised(blocks.fallback(words))}, to, where, response_url)

    async def show(self, page: Page, *, to: UserRef, where: ConversationRef, response_url: str = "") -> None:
        """A page, the same ways. What answers a command goes through its response URL first."""
        page = await self._names.named(page)
        body = {"text": pages.page_text(page), "blocks": pages.page_blocks(page)}
        if response_url and await self._through(response_url, body):
            return
        await self._privately(body, to, where, "")

    async def _privately(self, body: dict[str, Any], to: UserRef, where: ConversationRef, response_url: str) -> None:
        if where.channel:
            try:
                with writing():
                    await self._clients.writes.chat_postEphemeral(
                        channel=where.channel, user=to.id, thread_ts=where.thread or None, **body
                    )
                return
            except PlatformError as error:
                log.info("no ephemeral message: %s", error)
        if response_url and await self._through(response_url, body):
            return
        try:
            home = await self._membership.direct_message(to)
            with writing():
                await self._clients.writes.chat_postMessage(
                    channel=home.channel, unfurl_links=False, unfurl_media=False, metadata=marked(""), **body
                )
        except PlatformError as error:
            log.warning("%s could not be told anything: %s", to, error)

    async def _through(self, url: str, body: dict[str, Any]) -> bool:
        try:
            await self._clients.respond(url, {"response_type": "ephemeral", "replace_original": False, **body})
        except PlatformError as error:
            log.info("no answer through the response URL: %s", error)
            return False
        return True

    async def open(self, view: dict[str, Any], *, trigger: str, on_top: bool) -> None:
        """A modal, on top of the one that was clicked in. Raises PlatformError: triggers live for three seconds."""
        with repeatable():
            if on_top:
                await self._clients.writes.views_push(trigger_id=trigger, view=view)
            else:
                await self._clients.writes.views_open(trigger_id=trigger, view=view)

    async def redraw(self, view_id: str, view: dict[str, Any]) -> None:
        """Raises PlatformError."""
        with repeatable():
            await self._clients.writes.views_update(view_id=view_id, view=view)
