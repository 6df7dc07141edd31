"""The real command: what starts it, and the environment that it finds."""

import os
import sys
from pathlib import Path

COMMAND = (sys.executable, "-c", "from bots.cli import app; app()")


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without settings of Mallard's, and with those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLARD_")}
    root = str(Path(__file__).parents[1])
    return clean | {"PYTHONPATH": root, "COLUMNS": "200", "LC_ALL": "C.UTF-8"} | settings
