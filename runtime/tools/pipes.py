"""What ties a running command to us: a pipe for its output, and one whose only use is to be held open."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from msgspec import Struct


class Pipes(Struct, frozen=True, kw_only=True):
    """Our ends (`reader`, `lifeline`) and theirs. Whoever has started the command closes theirs in this process."""

    reader: asyncio.StreamReader
    lifeline: int
    their_output: int
    their_lifeline: int
    theirs: ExitStack

    def close_their_ends(self) -> None:
        """From now on the pipes end when the last process of the command ends. May be called twice."""
        self.theirs.close()


@asynccontextmanager
async def open_pipes() -> AsyncIterator[Pipes]:
    with ExitStack() as ours, ExitStack() as theirs:
        output, their_output = os.pipe()
        theirs.callback(os.close, their_output)
        file = ours.enter_context(os.fdopen(output, "rb", buffering=0))
        lifeline, their_lifeline = os.pipe()
        ours.callback(os.close, lifeline)
        theirs.callback(os.close, their_lifeline)
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), file
        )
        ours.callback(transport.close)
        yield Pipes(
            reader=reader, lifeline=lifeline, their_output=their_output, their_lifeline=their_lifeline, theirs=theirs
        )
