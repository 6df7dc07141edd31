"""One act of a demonstration, in a process that may be killed or raced: `python -m bench.acts ORDER`.

`suspend` prints a ticket. `decide` prints `ready`, waits for a line, approves and prints what came of it; `time` does the
same and prints the milliseconds that it took. `recover` does what the runtime's documentation says to do with a run whose
process died in the middle of a call.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.child import open_of
from bench.subject import Setting, Subject


async def perform(order: dict[str, Any]) -> str:
    setting = Setting(folder=Path(order["folder"]))
    async with open_of(order["subject"])(setting) as subject:
        if order["act"] == "suspend":
            return await subject.suspend("a-conversation")
        if order["act"] == "recover":
            return await _recover(subject, order["ticket"])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        start = time.perf_counter()
        try:
            words = await asyncio.wait_for(subject.decide(order["ticket"]), 20)
            return f"{(time.perf_counter() - start) * 1000:.3f}" if order["act"] == "time" else words
        except Exception as error:  # a loser may be told by an exception: that is its answer
            return f"{type(error).__name__}: {error}"[:200]


async def _recover(subject: Subject, ticket: str) -> str:
    """Ours goes on by itself. The others are told to resume, with what they had stored when the run was suspended."""
    recover = getattr(subject, "recover", None)
    words = await asyncio.wait_for(recover(ticket) if recover else subject.decide(ticket), 20)
    return str(words)


if __name__ == "__main__":
    print(asyncio.run(perform(json.loads(sys.argv[1]))), flush=True)
