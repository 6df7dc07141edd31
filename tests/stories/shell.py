"""The command line, as a second process beside a house that works."""

import os
import tempfile

from tests.hatchery import hatch, read_again
from tests.stories.installation import Installation

KEEPER = "keeper"  # who sits at the machine


async def mallard(installation: Installation, *words: str, user: str = KEEPER, succeeds: bool = True) -> str:
    """What `mallard …` prints in the installation's folder. Its database and settings are the house's own."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(installation.folder), "COLUMNS": "400", "LOGNAME": user}
    with tempfile.TemporaryFile() as out:
        process = await hatch(*words, folder=installation.folder, environment=environment, out=out)
        status = await process.ended()
        said = read_again(out)
    assert (status == 0) is succeeds, said
    return said
