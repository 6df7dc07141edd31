"""Slack's libraries log through here: no token, no connection ticket, and no endless traceback comes out."""

import logging
import re

LIBRARY = "bots.slack.library"
_SECRET = re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+|(?<=ticket=)[^&\s'\")]+|(?<=Bearer )[^\s'\"]+")


def redacted(text: str) -> str:
    return _SECRET.sub("***", text)


class _Redaction(logging.Filter):
    """Tracebacks are cut to their last line: the libraries log one for every attempt to reconnect."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        record.msg, record.args, record.exc_info, record.exc_text = redacted(text), (), None, None
        return True


def library_logger() -> logging.Logger:
    """For slack-bolt and slack-sdk, which look at `level` itself: unset, they would write debug texts for nobody."""
    logger = logging.getLogger(LIBRARY)
    if not any(isinstance(present, _Redaction) for present in logger.filters):
        logger.addFilter(_Redaction())
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
    return logger
