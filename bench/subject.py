"""What is asked of every runtime that is measured, and what the work consists of.

The work is the same for all: a message, one tool call, an answer. The tool notes a line (safe), or sends money (a
person has to approve). The model answers at once and always the same.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

SAFE, RISKY = "add_note", "send_money"
REQUEST = "Please note the item that we spoke about, and tell me when it is done."
RISKY_REQUEST = "Please send the money that we spoke about, and tell me when it is done."
ITEM = "item 1 of the list, to be stored"
ANSWER = (
    "Done. I noted the item you asked for and checked that it is stored; nothing else was changed. "
    "Tell me if you want it renamed, moved or removed, and I will ask before I do anything risky."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a subject lives. `model_url` is a fake model server's; without one the model is in the process."""

    folder: Path
    model_url: str = ""
    variant: str = ""


class Subject(Protocol):
    """One open runtime. To open it anew on the same folder is what a restarted process does."""

    @property
    def commits(self) -> int | None:
        """Transactions committed so far, where the runtime counts them."""
        ...

    async def message(self, conversation: str) -> str:
        """A message, a safe tool call, an answer. Returns the answer, once it is durable."""
        ...

    async def suspend(self, conversation: str) -> str:
        """A message and a risky tool call. Returns a ticket, once the run can wait in the file alone."""
        ...

    async def decide(self, ticket: str) -> str:
        """Approve. Returns the answer, or what stands in its place, once it is durable."""
        ...


Open = Callable[[Setting], AbstractAsyncContextManager[Subject]]

EXECUTIONS, DEADLY, SLOW = "BENCH_EXECUTIONS", "BENCH_DEADLY", "BENCH_SLOW"


async def act(text: str) -> str:
    """What both tools do. The demonstrations count it in a file, and may end the process in the middle of it."""
    executions = os.environ.get(EXECUTIONS)
    if executions is not None:
        with open(executions, "a") as file:  # noqa: ASYNC230  a demonstration may block
            file.write(f"{os.getpid()} {text}\n")
        if os.environ.get(DEADLY):
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ.get(SLOW):
            await asyncio.sleep(0.5)
    return f"stored: {text}"
