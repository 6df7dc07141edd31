"""Answers over HTTP, with the very headers that the library looks at."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

VIA = {"Via": "1.1 google"}


def reply(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The content type is exactly this: with a charset behind it discord.py reads no JSON."""
    fields = {**(headers or {}), **VIA, "Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=fields)


def nothing(headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=204, headers={**(headers or {}), **VIA})


def limited(
    retry_after: float, *, is_global: bool = False, via: bool = True, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A 429; without `Via` it comes from Cloudflare, and the library does not try again."""
    body = {"message": "You are being rate limited.", "retry_after": round(retry_after, 3), "global": is_global}
    answer = reply(body, status=429, headers={**(headers or {}), "Retry-After": str(max(1, int(retry_after)))})
    if is_global:
        answer.headers["X-RateLimit-Global"] = "true"
    if not via:
        del answer.headers["Via"]
    return answer
