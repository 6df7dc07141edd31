"""How long `mallard` takes until it serves, without a platform, and what it then holds in memory.

    python -m bench.readiness

imports what the `mallard` command imports, opens the house and lets it work, then prints the memory and leaves.
"""

import asyncio
from pathlib import Path

import bots.cli  # noqa: F401  what the command itself imports before it knows what is asked
from bots.cli.opening import settings_here
from bots.house import open_house
from bots.platforms import Chosen


async def main() -> None:
    async with open_house(settings_here(), Chosen()) as house, house.working():
        status = Path("/proc/self/status").read_text(encoding="ascii")  # noqa: ASYNC240  nothing else runs here
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        print(kilobytes, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
