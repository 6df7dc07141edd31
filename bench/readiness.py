"""How long `mallard` takes until it serves, and what it then holds in memory.

    python -m bench.readiness [slack] [discord]

imports what the `mallard` command imports, opens the house on these platforms and lets it work, then prints its memory and
the processor time it took, and leaves. Where the platforms are is in the settings.
"""

import asyncio
import sys
import time
from pathlib import Path

import bots.cli  # noqa: F401  what the command itself imports before it knows what is asked
from bots.cli.starting import begin_quickly, collect_from_now

begin_quickly()  # as the command does before it imports the rest

from bots.cli.opening import settings_here  # noqa: E402
from bots.house import open_house  # noqa: E402
from bots.platforms import Chosen  # noqa: E402


async def main(names: list[str]) -> None:
    chosen = Chosen(slack="slack" in names, discord="discord" in names)
    async with open_house(settings_here(), chosen) as house, house.working():
        collect_from_now()
        status = Path("/proc/self/status").read_text(encoding="ascii")  # noqa: ASYNC240  nothing else runs here
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        print(kilobytes, time.process_time(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
