"""What a platform's library logs: no secret and no endless traceback comes out. Each platform has its own pattern."""

import logging
import re


def redacted(text: str, secret: re.Pattern[str]) -> str:
    return secret.sub("***", text)


class Redaction(logging.Filter):
    """Tracebacks are cut to their last line: the libraries log one for every attempt to reconnect.

    A filter of a logger does not see what its children log: each logger of a library needs one.
    """

    def __init__(self, secret: re.Pattern[str]) -> None:
        super().__init__()
        self._secret = secret

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        record.msg, record.args = redacted(text, self._secret), ()
        record.exc_info, record.exc_text = None, None
        return True


def library_logger(name: str, secret: re.Pattern[str]) -> logging.Logger:
    """A logger for a library, redacted from now on. One whose level nobody set logs warnings and worse: libraries look
    at `level` themselves and would write debug texts for nobody."""
    logger = logging.getLogger(name)
    if not any(isinstance(present, Redaction) for present in logger.filters):
        logger.addFilter(Redaction(secret))
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
    return logger
