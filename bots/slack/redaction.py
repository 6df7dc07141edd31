"""What no log may show of Slack: tokens, and the tickets of connections."""

import logging
import re

from runtime import redaction

LIBRARY = "bots.slack.library"
_SECRET = re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+|(?<=ticket=)[^&\s'\")]+|(?<=Bearer )[^\s'\"]+")


def redacted(text: str) -> str:
    return redaction.redacted(text, _SECRET)


def library_logger() -> logging.Logger:
    """For slack-bolt and slack-sdk, which log to whatever they are given."""
    return redaction.library_logger(LIBRARY, _SECRET)
