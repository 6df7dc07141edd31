"""The web server and its two questions: is the process alive, and is it ready?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from msgspec import Struct

from runtime.errors import SettingsError

Probe = Callable[[], Awaitable[str]]
_PATIENCE = 5.0  # seconds: a probe that takes longer has failed


class Mount(Struct, frozen=True, kw_only=True):
    """An endpoint of a platform. POST only: nothing that can be linked to may change anything."""

    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(probes: Mapping[str, Probe], mounts: Iterable[Mount] = ()) -> web.Application:
    """`/healthz` answers while the process lives; `/readyz` asks each probe, which returns "" or what is wrong."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_ask(probe) for probe in probes.values()))
        faults = dict(zip(probes, answers, strict=True))
        ready = not any(faults.values())
        return web.json_response(
            {
                "status": "ready" if ready else "not ready",
                "parts": {name: fault or "ok" for name, fault in faults.items()},
            },
            status=200 if ready else 503,
        )

    app = web.Application(client_max_size=4 * 1024 * 1024)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    for mount in mounts:
        app.router.add_post(mount.path, mount.handler)
    return app


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Listen until the block ends; yields the port. Raises SettingsError where the address cannot be had."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise SettingsError(
                f"The web server cannot listen on {host}:{port} ({error.strerror or error}). "
                "Choose another MALLARD_WEB_PORT or MALLARD_WEB_HOST."
            ) from error
        yield next((address[1] for address in runner.addresses), port)
    finally:
        await runner.cleanup()


async def _ask(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await probe()
    except TimeoutError:
        return f"no answer within {_PATIENCE:g} s"
    except Exception as error:  # whatever a probe breaks on is the answer
        return str(error) or type(error).__name__
