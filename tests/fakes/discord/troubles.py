"""What a fault does to a request, beyond the troubles that every loopback has."""

from collections.abc import Callable

from aiohttp import web
from msgspec import Struct

from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.replies import limited, reply
from tests.fakes.faults import Dropped, Fault, Held, RateLimited, Status, Trouble


class Limited(RateLimited, frozen=True):
    """A 429; without `via` it looks like a ban of Cloudflare's."""

    via: bool = True
    is_global: bool = False


class Refused(Struct, Trouble, frozen=True):
    """Discord's own error."""

    code: int
    status: int = 0


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
        case Limited(retry_after=seconds, via=via, is_global=is_global):
            return limited(seconds, is_global=is_global, via=via)
        case RateLimited(retry_after=seconds):
            return limited(seconds)
        case Refused(code=code, status=status):
            refusal = Refusal(code, status=status)
            return reply(refusal.body, status=refusal.status)
        case Status(code=status):
            return web.Response(status=status, text="upstream trouble")
        case Dropped():
            return _cut(request)
        case Held():
            await fault.wait_at_gate()
            return _cut(request) if fault.discarded else None
        case other:
            raise AssertionError(f"no such trouble here: {other}")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
