"""The test run: `python -m tests [--capture FILE] [what pytest takes]`."""

import argparse
import os
import sys

import pytest

from tests.in_memory import offered

# Of two workers on two cores, one so often waits for something real that a core is idle a quarter of the time.
WORKERS = 3
_HELP = "write what the loopbacks receive and send, as JSON lines, but for what tests send that is wrong on purpose"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", allow_abbrev=False)
    parser.add_argument("--capture", metavar="FILE", help=_HELP)
    options, others = parser.parse_known_args()
    wire = ["--capture-wire", options.capture] if options.capture else []
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of many processes would compile everything again
    with offered():
        return int(pytest.main(["-n", str(WORKERS), "--dist", "worksteal", *wire, *others]))


if __name__ == "__main__":
    sys.exit(main())
