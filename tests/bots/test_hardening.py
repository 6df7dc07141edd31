"""What commands that Mallard runs cannot take from Mallard itself."""

import subprocess
import sys

import pytest

PR_GET_DUMPABLE = 3

PROGRAM = f"""
import ctypes
from bots.hardening import keep_environment_private
keep_environment_private()
print(ctypes.CDLL(None).prctl({PR_GET_DUMPABLE}, 0, 0, 0, 0))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's switch is Linux's own")
def test_the_environment_of_the_process_is_hidden_from_its_user() -> None:
    shown = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "0"
