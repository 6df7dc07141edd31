"""Where lives come from: one process that has imported everything, and forks a child for each life it is told of."""

import asyncio
import gc
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Self

from runtime.records import Effect
from tests.crashes.trial import Life

LONGEST_LIFE = 15  # seconds; whoever lives longer hangs
_IMPORTED_LATE = {"discord": "bots.discord.guildhall", "slack": "bots.slack.workspace"}


class Nursery:
    """Lives, one after another, each in a process of its own. Use as a context manager."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.nursery"],
            cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=LONGEST_LIFE + 5)

    def live(self, life: Life) -> int:
        """Have a life lived to its end. Returns 0, or the signal that ended it; anything else is a failure of ours."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{life.to_line()}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the nursery is gone"
        status = int(answer)
        if status < 0 or status == signal.SIGALRM:
            why = "hung" if status == signal.SIGALRM else "failed"
            raise AssertionError(f"life {life.number} {why} ({life.fate}):\n{life.log.read_text()}")
        return status


def main() -> None:
    from tests.crashes import life as lives

    with tempfile.TemporaryDirectory() as folder:  # what is made on first use, each child would make again
        asyncio.run(lives.live(Life(folder=folder, number=0, effect=Effect.NONE, streams=True, thinks=True)))
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a process with threads must not fork"
    for line in sys.stdin:
        life = Life.from_line(line)
        if life.chat is not None:
            importlib.import_module(_IMPORTED_LATE[life.chat.platform])  # or each child would do so again
        child = os.fork()
        if child == 0:
            signal.alarm(LONGEST_LIFE)
            try:
                lives.run(life)
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
