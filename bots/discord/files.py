"""Files in and out. What goes out is a text; what comes in lies at Discord, behind a link that expires."""

import io
import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
import discord
from msgspec.structs import replace

from bots.discord import components, pages
from bots.discord.components import Component
from bots.discord.failures import repeatable
from bots.discord.places import read_source
from bots.discord.settings import DiscordSettings
from bots.discord.wording import escaped
from runtime.attachments import as_text, unread
from runtime.contents import File
from runtime.errors import PlatformRefused, PlatformUnavailable
from runtime.records import Attachment
from runtime.showing import shortened, visible

log = logging.getLogger(__name__)

LARGEST = 10_000_000
"""Bytes: Discord takes 10 MiB, and the name and the comment travel with them."""

_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_EXPIRED = frozenset({401, 403, 404, 410})
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


def file_components(file: File, mark: int = 0) -> list[Component]:
    """What stands beside a file, and its place."""
    words = shortened(visible(file.comment), 1_000) or file.name
    return [*pages.text_components(escaped(words), mark), components.file(name_of(file))]


def file_of(file: File) -> discord.File:
    content = file.text.encode("utf-8", "replace") or b"\n"
    if len(content) > LARGEST:
        note = f"\n[… the rest of {len(content):,} bytes does not fit into a file on Discord …]\n".encode()
        content = content[: LARGEST - len(note)] + note
    return discord.File(io.BytesIO(content), filename=name_of(file))


def name_of(file: File) -> str:
    """Discord changes other names than these, and would not find the file by its component then."""
    name = _ODD.sub("_", file.name).lstrip("._")[-100:]
    return f"file_{name}" if name.startswith("SPOILER_") or not name else name


class Files:
    """`client` gives the library's client of now, or raises PlatformUnavailable."""

    def __init__(self, client: Callable[[], discord.Client], settings: DiscordSettings) -> None:
        self._client = client
        self._settings = settings

    async def fetch(self, attachment: Attachment) -> Attachment:
        """The attachment with its text, or with a note that says why there is none. Raises PlatformUnavailable."""
        cap = self._settings.download_cap
        if attachment.size > cap:
            return unread(attachment, f"it has {attachment.size:,} bytes, and no more than {cap:,} are read")
        place, url = read_source(attachment.source)
        fetched = await self._download(attachment, url)
        if isinstance(fetched, int) and fetched in _EXPIRED and place is not None:
            fresh = await self._fresh_link(*place)
            if fresh is None:
                return unread(attachment, "its message is gone")
            fetched = await self._download(replace(attachment, source=fresh), fresh)
        if isinstance(fetched, int):
            return unread(attachment, f"Discord answered {fetched}")
        return replace(fetched, source=attachment.source)

    async def _download(self, attachment: Attachment, url: str) -> Attachment | int:
        """The attachment, or the status that stood in its way. Nothing of ours goes along, and nothing is followed."""
        if not self._is_discords(url):
            return unread(attachment, "it does not lie at Discord")
        cap = self._settings.download_cap
        async with (
            repeatable(self._settings.request_timeout),
            aiohttp.ClientSession() as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status == 429 or answer.status >= 500:
                raise PlatformUnavailable(f"Discord did not send the file ({answer.status})")
            if answer.status != 200:
                return answer.status
            content = await answer.content.read(cap + 1)
            while len(content) <= cap and (more := await answer.content.read(65_536)):
                content += more
        if len(content) > cap:
            return unread(attachment, f"it is larger than it said, and no more than {cap:,} are read")
        return as_text(attachment, content, self._settings.text_cap)

    async def _fresh_link(self, channel: int, message: int, attachment: int) -> str | None:
        place = self._client().get_partial_messageable(channel)
        try:
            async with repeatable(self._settings.request_timeout):
                found = await place.fetch_message(message)
        except PlatformRefused as refusal:
            log.info("no fresh link for a file: %s", refusal)
            return None
        return next((each.url for each in found.attachments if each.id == attachment), None)

    def _is_discords(self, url: str) -> bool:
        target, api = urlsplit(url), urlsplit(self._settings.api_url)
        if (target.scheme, target.netloc) == (api.scheme, api.netloc):
            return True
        return target.scheme == "https" and target.hostname in _HOSTS and target.port in (None, 443)
