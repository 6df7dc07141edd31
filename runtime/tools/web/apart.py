"""Reading HTML in a process of its own: a page that is made to be hard to read costs that process its time, and no more.

Python's parser takes hours for some pages of a few hundred kilobytes, and no thread can be stopped in the middle.
"""

import asyncio
import json
import os
import resource
import sys
from contextlib import suppress

from runtime.tools.failure import ToolFailed
from runtime.tools.uninterrupted import to_the_end
from runtime.tools.web.kinds import Kind

_SECONDS = 10
_MEMORY = 1 << 30
_UNREADABLE = "This page is written in a way that cannot be read."


async def read_html_apart(kind: Kind, content: bytes, base: str, *, seconds: int = _SECONDS) -> str:
    """The page as Markdown. Raises ToolFailed for one that cannot be read in so many seconds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", __name__,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath}, start_new_session=True,
    )  # fmt: skip
    head = json.dumps({"type": kind.type, "charset": kind.charset, "base": base, "seconds": seconds}).encode()
    try:
        async with asyncio.timeout(3 * seconds):  # what counts is its own time; this is for a machine that has none
            text, _ = await process.communicate(head + b"\n" + content)
    except TimeoutError as error:
        raise ToolFailed(_UNREADABLE, code="unreadable") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await to_the_end(process.wait())
    if process.returncode:
        raise ToolFailed(_UNREADABLE, code="unreadable")
    return text.decode()


def _read_alone() -> None:
    """In that process: read what stands on standard input, within limits that nothing in it can lift."""
    from runtime.tools.web.reading import read_html  # whoever only starts this process does without the libraries

    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    text = read_html(Kind(type=asked["type"], charset=asked["charset"]), content, asked["base"])
    sys.stdout.buffer.write(text.encode(errors="replace"))


if __name__ == "__main__":
    _read_alone()
