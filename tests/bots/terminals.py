"""A person at a real terminal: a pseudo-terminal with the real command behind it."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.command import environment
from tests.hatchery import hatchery

PATIENCE = 30.0
ADD_A_LINE = "run: echo once >> log.txt"
_DRAWING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\r\x00]|[┃┏┓┗┛━]")


class Terminal:
    """`with Terminal(folder) as anna:` starts `mallard chat`; leaving the block ends the process whatever it does."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self._folder, self._arguments, self._settings = folder, arguments or ("chat",), settings
        self.raw = ""
        self._read_up_to = 0

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
        self.process = hatchery().hatch(
            self._arguments, folder=self._folder, streams=(slave, slave, slave), session=True,
            environment=environment(TERM="xterm", COLUMNS="160", LINES="50", **self._settings),
        )  # fmt: skip
        os.close(slave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.returncode is None:
            self.kill()
        os.close(self._master)

    def expect(self, words: str) -> str:
        """Wait until the words appear below what was expected before; returns what stands up to them."""
        deadline = time.monotonic() + PATIENCE
        while (at := self._text().find(words, self._read_up_to)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"{words!r} did not appear in:\n{self._text()[self._read_up_to :]}")
        seen, self._read_up_to = self._text()[self._read_up_to : at], at + len(words)
        return seen

    def expect_prompt(self) -> None:
        """Wait until keys are read as keys again: while something is printed, Ctrl-C would be a signal."""
        self.expect(">")

    def type(self, line: str) -> None:
        """A line and Enter."""
        self.press(line)
        self.press("\r")

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def kill(self) -> None:
        """What `kill -9` does."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def leave(self) -> int:
        """Read until the process is gone. Returns its exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def text(self) -> str:
        """All that was ever shown, without colours and cursor movements."""
        return self._text()

    def _text(self) -> str:
        return _DRAWING.sub("", self.raw)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            return False
        try:
            news = os.read(self._master, 65_536)
        except OSError:  # the other side is closed
            return False
        if b"\x1b[6n" in news:
            self.press("\x1b[1;1R")  # where the cursor is: a real terminal answers
        self.raw += news.decode("utf-8", "replace")
        return bool(news)


def log_of(folder: Path) -> list[str]:
    """What `ADD_A_LINE` and its like left in the workspace."""
    path = folder / "workspace" / "log.txt"
    return path.read_text().splitlines() if path.exists() else []
