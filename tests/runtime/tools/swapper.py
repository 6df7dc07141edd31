"""Somebody who swaps a folder for a link and back while a tool is at work."""

import threading
from itertools import count
from pathlib import Path


class Swapper(threading.Thread):
    """Makes a name a folder, then a link to elsewhere, then the folder again, as fast as it can."""

    def __init__(self, inside: Path, outside: Path) -> None:
        super().__init__(daemon=True)
        self.name_, self.aside, self.link = inside / "swapped", inside / "aside", inside / "link"
        self.name_.mkdir()
        (self.name_ / "file.txt").write_text("inner")
        self.link.symlink_to(outside)
        self.rounds = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            self._move(self.name_, self.aside)
            self._move(self.link, self.name_)
            self._move(self.name_, self.link)
            self._move(self.aside, self.name_)
            self.rounds += 1

    def _move(self, what: Path, where: Path) -> None:
        """A folder that the tool made meanwhile, where there was nothing for a moment, is put out of the way."""
        for number in count():
            try:
                what.rename(where)
            except OSError:
                where.rename(where.parent / f"made-{self.rounds}-{number}")
            else:
                return

    def __enter__(self) -> "Swapper":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self.join()
