"""The gateway by hand, for what no library would say."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.fakes.discord.loopback import Discord

Json = dict[str, Any]
PROPERTIES = {"os": "linux", "browser": "hand", "device": "hand"}


class RawGateway:
    def __init__(self, discord: Discord, line: aiohttp.ClientWebSocketResponse) -> None:
        self._discord = discord
        self._line = line

    async def says(self, op: int, payload: Any = None) -> None:
        await self._line.send_str(json.dumps({"op": op, "d": payload}))

    async def says_text(self, text: str) -> None:
        await self._line.send_str(text)

    async def identifies(self, **changes: Any) -> None:
        usual: Json = {"token": self._discord.token, "intents": 37377, "properties": PROPERTIES}
        await self.says(2, usual | changes)

    async def resumes(self, session: str, sequence: int, **changes: Any) -> None:
        usual: Json = {"token": self._discord.token, "session_id": session, "seq": sequence}
        await self.says(6, usual | changes)

    async def hears(self) -> Json:
        """The next frame."""
        return dict(json.loads((await self._line.receive(timeout=self._discord.patience)).data))

    async def hears_event(self, name: str) -> Json:
        """The next frame of that name; those before it are passed over."""
        while (frame := await self.hears()).get("t") != name:
            pass
        return frame

    async def ends(self) -> int:
        """The code with which the line is closed."""
        while (await self._line.receive(timeout=self._discord.patience)).type != aiohttp.WSMsgType.CLOSE:
            pass
        return self._line.close_code or 0

    async def leaves(self, code: int = 1000) -> None:
        await self._line.close(code=code)


@asynccontextmanager
async def raw_gateway(discord: Discord, query: str = "?v=10&encoding=json") -> AsyncIterator[RawGateway]:
    async with (
        aiohttp.ClientSession(trust_env=False) as session,
        session.ws_connect(f"{discord.gateway_url}{query}") as line,
    ):
        yield RawGateway(discord, line)
