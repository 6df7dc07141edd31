"""The log: lines for people or JSON for machines, on stderr, without secrets."""

import logging
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

import orjson

from runtime.tools.visible import make_visible


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at the time: while a chat is open, lines go above its input."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return make_visible(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line).decode()


def set_up_logs(level: str, form: Literal["text", "json"]) -> None:
    """Let Mallard's log begin at `level`, and everybody else's at warnings. Replaces what was set up before."""
    handler = _Stderr()
    handler.setFormatter(_Json() if form == "json" else _Lines("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("bots", "runtime", "storage"):
        logging.getLogger(name).setLevel(level.upper())
