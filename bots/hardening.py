"""What the process keeps to itself: commands that a person approved run as the same user, and must not read its secrets."""

import ctypes
import logging
import sys

_PR_SET_DUMPABLE = 4  # from linux/prctl.h

log = logging.getLogger(__name__)


def keep_environment_private() -> None:
    """Make /proc/<pid>/environ and memory unreadable for other processes of the same user. Linux only; root still can."""
    if not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        log.warning("the environment of this process cannot be hidden from commands that it runs")
