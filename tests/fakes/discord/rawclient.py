"""REST by hand, for what no library would send."""

import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.fakes.discord.loopback import Discord


class Raw:
    def __init__(self, discord: Discord, session: aiohttp.ClientSession) -> None:
        self._discord = discord
        self._session = session
        self.headers = {"Authorization": f"Bot {discord.token}", "User-Agent": "DiscordBot (https://x.y, 1)"}

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: Mapping[str, bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status, and the JSON of the answer."""
        sent = {"json": body} if files is None and body is not None else {"data": _parts(body, files)} if files else {}
        url = f"{self._discord.api_url}{path}"
        async with self._session.request(method, url, headers={**self.headers, **(headers or {})}, **sent) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> int:
        """Discord's error code; an AssertionError if it took the call."""
        status, answer = await self.call(method, path, body, **more)
        assert status >= 400, f"Discord took it: {answer}"
        return int(answer["code"])


def _parts(body: Any, files: Mapping[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body or {}), content_type="application/json")
    for name, content in files.items():
        form.add_field(name, io.BytesIO(content), filename=f"{name}.md")
    return form


@asynccontextmanager
async def raw_client(discord: Discord) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield Raw(discord, session)
