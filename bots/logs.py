"""The log: lines for people or JSON for machines, on stderr, without secrets."""

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TextIO

from runtime.masking import Masker
from runtime.tools.visible import make_visible

OUR_LOGS = ("bots", "runtime", "storage")


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the time: while a chat is open, lines go above its input."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _Lines(logging.Formatter):
    def __init__(self, masker: Masker) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        return make_visible(self._masker.mask(super().format(record)))


class _Sentences(logging.Formatter):
    """What a person is told who talks here and reads no log: no times, and of a fault its name alone."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        fault = record.exc_info[1] if record.exc_info else None
        words = f"{record.levelname.capitalize()}: {record.getMessage()}"
        return make_visible(self._masker.mask(words if fault is None else f"{words} ({type(fault).__name__}: {fault})"))


class _Json(logging.Formatter):
    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return self._masker.write_json(line).decode()


class _First(logging.Handler):
    """Says the first record, and nothing after it."""

    def __init__(self, say: Callable[[str], None], masker: Masker) -> None:
        super().__init__()
        self._say, self._masker, self._has_said = say, masker, False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._has_said:
            self._has_said = True
            self._say(self._masker.mask(record.getMessage()))


def say_first_warning(name: str, say: Callable[[str], None], masker: Masker) -> None:
    """Of what this log warns of, say the first, plainly, instead of writing all of it."""
    log = logging.getLogger(name)
    log.setLevel(logging.WARNING)
    log.propagate = False
    log.handlers = [_First(say, masker)]


def set_up_logs(level: str, form: Literal["text", "sentences", "json"], masker: Masker) -> None:
    """Let Mallard's log begin at `level`, and everybody else's at warnings. Replaces what was set up before."""
    handler = _Stderr()
    handler.setFormatter({"text": _Lines, "sentences": _Sentences, "json": _Json}[form](masker))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OUR_LOGS:
        logging.getLogger(name).setLevel(level.upper())
