"""`mallard doctor`."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from bots.cli.opening import run_async
from bots.doctor import Level, examine
from runtime.tools.visible import make_visible

_MARKS = {Level.OK: ("ok  ", "green"), Level.WARN: ("warn", "yellow"), Level.FAIL: ("fail", "bold red")}


def doctor() -> int:
    """Print one line for each finding, as they come. The exit status: 1 where anything failed."""
    console = Console(highlight=False, soft_wrap=True)

    async def look() -> bool:
        failed = False
        async for finding in examine(Path.cwd()):
            mark, style = _MARKS[finding.level]
            console.print(Text.assemble((mark, style), f"  {finding.part}: {make_visible(finding.words)}"))
            if finding.advice:
                console.print(Text(f"      → {make_visible(finding.advice)}"))
            failed |= finding.level is Level.FAIL
        return failed

    return 1 if run_async(look) else 0
