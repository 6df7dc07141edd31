"""REST by hand, for what no library would send."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.fakes.discord.interactions import Interaction, Receipt
from tests.fakes.discord.loopback import Discord
from tests.fakes.discord.messages import Message
from tests.fakes.discord.person import Person


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
        assert "code" in answer, f"{status}: {answer}"
        return int(answer["code"])


def _parts(body: Any, files: Mapping[str, bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body or {}), content_type="application/json")
    for name, content in files.items():
        form.add_field(name, io.BytesIO(content), filename=f"{name}.md")
    return form


class Unanswered:
    """An interaction that the bot leaves to the test: the newest."""

    def __init__(self, discord: Discord, raw: Raw, receipt: "asyncio.Task[Receipt]") -> None:
        self.interaction: Interaction = discord.interactions.all[-1]
        self.receipt = receipt
        self._raw = raw
        self._app = discord.state.app

    async def answer(self, kind: int, data: Any = None) -> tuple[int, Any]:
        body = {"type": kind} | ({} if data is None else {"data": data})
        path = f"/interactions/{self.interaction.id}/{self.interaction.token}/callback?with_response=true"
        return await self._raw.call("POST", path, body, headers={"Authorization": ""})

    async def follow(self, method: str = "POST", rest: str = "", body: Any = None) -> tuple[int, Any]:
        path = f"/webhooks/{self._app}/{self.interaction.token}{rest}"
        return await self._raw.call(method, path, body, headers={"Authorization": ""})


async def clicked(discord: Discord, raw: Raw, person: Person, card: Message, name: str = "Yes") -> Unanswered:
    """A click on its way, which no library answers as long as the test's bot does not."""
    count = len(discord.interactions.all)
    clicking = asyncio.get_running_loop().create_task(person.clicks(card, name))
    await discord.until(lambda: len(discord.interactions.all) > count)
    return Unanswered(discord, raw, clicking)


@asynccontextmanager
async def raw_client(discord: Discord) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield Raw(discord, session)
