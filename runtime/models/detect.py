"""Looking for a language model on this machine."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
from msgspec import Struct

from runtime.tls import trust

if TYPE_CHECKING:
    import httpx

# Where the usual servers listen if nobody told them otherwise.
USUAL_PORTS = (
    11434,  # Ollama
    1234,  # LM Studio
    8080,  # llama.cpp, LocalAI, mlx-lm
    8000,  # vLLM
    1337,  # Jan
    5001,  # KoboldCpp
    5000,  # text-generation-webui, TabbyAPI
    30000,  # SGLang
    4000,  # LiteLLM
)
TIMEOUT_S = 1.0
MAX_BYTES = 1_000_000


class Found(Struct, frozen=True, kw_only=True):
    """A server that answered. `models` are the names that it offers, none where it did not say."""

    base_url: str
    models: tuple[str, ...]


async def find_local_endpoints(
    ports: Iterable[int] = USUAL_PORTS, *, timeout_s: float = TIMEOUT_S
) -> tuple[Found, ...]:
    """The OpenAI-compatible servers on this machine, in the order of `ports`, within about `timeout_s`. Never raises."""
    import httpx

    # Proxies of the environment are for the world outside.
    async with (
        httpx.AsyncClient(verify=trust(), trust_env=False, timeout=timeout_s) as http,
        asyncio.TaskGroup() as asking,
    ):
        asked = [asking.create_task(_look(http, port, timeout_s)) for port in ports]
    return tuple(found for task in asked if (found := task.result()))


async def _look(http: "httpx.AsyncClient", port: int, timeout_s: float) -> Found | None:
    import httpx

    base_url = f"http://localhost:{port}/v1"
    try:
        async with asyncio.timeout(timeout_s), http.stream("GET", f"{base_url}/models") as response:
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MAX_BYTES:
                    return None
        return _read(base_url, response.status_code, body)
    except (httpx.HTTPError, TimeoutError):
        return None


def _read(base_url: str, status: int, body: bytes) -> Found | None:
    """A list of models, or a server that wants a key and says so in the manner of OpenAI."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict):
        return None
    listed = said.get("data")
    if status == 200 and isinstance(listed, list):
        names = (entry.get("id") for entry in listed if isinstance(entry, dict))
        return Found(base_url=base_url, models=tuple(name for name in names if isinstance(name, str)))
    return Found(base_url=base_url, models=()) if status == 401 and "error" in said else None
