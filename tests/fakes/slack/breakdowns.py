"""What a fault does to a request, and the fault that only Slack has."""

from collections.abc import Callable

from aiohttp import web
from msgspec import Struct

from tests.fakes.faults import Dropped, Fault, Held, RateLimited, Status, Trouble


class Errors(Struct, Trouble, frozen=True):
    """An ordinary answer with `ok: false`."""

    error: str


async def under(fault: Fault | None, request: web.Request, work: Callable[[], web.Response]) -> web.Response:
    """Do the work and answer, unless the fault comes before the work or in place of the answer."""
    if fault is None:
        return work()
    if fault.when == "before":
        return await _suffered(fault, request) or work()
    answer = work()
    return await _suffered(fault, request) or answer


async def _suffered(fault: Fault, request: web.Request) -> web.Response | None:
    """The answer that the fault makes; None when the request may go on."""
    match fault.trouble:
        case RateLimited(retry_after):
            headers = {"Retry-After": str(retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        case Errors(error):
            return web.json_response({"ok": False, "error": error})
        case Status(code):
            return web.Response(status=code, text="upstream trouble")
        case Dropped():
            return _cut(request)
        case Held():
            await fault.wait_at_gate()
            return _cut(request) if fault.discarded else None
        case other:
            raise AssertionError(f"Slack has no such trouble: {other}")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
