"""A scripted model beside a test that waits for processes: on a loopback socket, served by a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.model import Script, ScriptedEndpoint


@contextmanager
def modelled(script: Script) -> Iterator[dict[str, str]]:
    """The settings that name it. `script` is called on the thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="model")
    thread.start()
    endpoint = ScriptedEndpoint(script)
    try:
        asyncio.run_coroutine_threadsafe(endpoint.__aenter__(), loop).result(30)
        yield {"MALLARD_MODEL_BASE_URL": endpoint.base_url, "MALLARD_MODEL_NAME": "scripted"}
    finally:
        asyncio.run_coroutine_threadsafe(endpoint.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
