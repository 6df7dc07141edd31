"""The command line, as a second process beside a house that works."""

import asyncio
import os
import sys
from pathlib import Path

from tests.stories.installation import Installation

KEEPER = "keeper"  # who sits at the machine


async def mallard(installation: Installation, *words: str, user: str = KEEPER, succeeds: bool = True) -> str:
    """What `mallard …` prints in the installation's folder. Its database and settings are the house's own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bots.cli import app; app()",
        *words,
        cwd=installation.folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(installation.folder),
            "PYTHONPATH": _ROOT,
            "COLUMNS": "400",
            "LOGNAME": user,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert (process.returncode == 0) is succeeds, said.decode()
    return said.decode()


_ROOT = str(Path(__file__).parents[2])
