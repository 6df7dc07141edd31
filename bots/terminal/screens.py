"""Where contents become visible: a pipe in plain lines, or nowhere until somebody asks. In colour: `colours`."""

import sys
from typing import Protocol, TextIO

from bots.terminal.wording import in_local_time, write_content
from runtime.contents import Content
from runtime.tools.visible import make_prose_visible, make_visible


class Screen(Protocol):
    @property
    def streams(self) -> bool:
        """Whether answers can be shown while they are written."""
        ...

    @property
    def is_read(self) -> bool:
        """Whether what is shown is seen, whatever it is about."""
        ...

    def show(self, content: Content, *, whole: bool = False) -> None: ...

    def say(self, text: str) -> None:
        """A line from the terminal itself, not from Mallard."""
        ...

    def write(self, lines: str, *, goes_on: bool = False) -> None:
        """Whole blocks of a streamed answer, which `goes_on` or ends with them."""
        ...


class PlainScreen:
    """For a pipe: the text, all of it, and no decoration. What the terminal itself says goes to stderr."""

    streams = False
    is_read = True

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr

    def show(self, content: Content, *, whole: bool = False) -> None:
        print(write_content(content, whole=whole), file=self._out, flush=True)

    def say(self, text: str) -> None:
        print(in_local_time(make_visible(text)), file=self._err, flush=True)

    def write(self, lines: str, *, goes_on: bool = False) -> None:
        print(make_prose_visible(lines), file=self._out, end="", flush=True)


class KeptScreen:
    """Shows nothing, and keeps what was to be shown: `--once` prints the answer only."""

    streams = False
    is_read = False

    def __init__(self) -> None:
        self.shown: list[Content] = []

    def show(self, content: Content, *, whole: bool = False) -> None:
        self.shown.append(content)

    def say(self, text: str) -> None:
        pass

    def write(self, lines: str, *, goes_on: bool = False) -> None:
        pass
