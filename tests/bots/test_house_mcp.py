"""The house runs the servers that the settings name for as long as it works, and leaves nothing of them."""

import asyncio
import json
import sys
from pathlib import Path

from bots.house import open_house
from bots.platforms import Chosen
from bots.settings import load_settings
from tests.runtime.mcp.office import FAKES, is_running, tool, until


def starts(stage: Path) -> list[int]:
    """The processes that were started. The file is there a moment before the first number is."""
    found = stage / "starts"
    return [int(pid) for pid in found.read_text().split()] if found.exists() else []


async def test_servers_run_while_the_house_works_and_hold_up_neither_its_start_nor_its_end(tmp_path: Path) -> None:
    stages = {name: tmp_path / name for name in ("well", "silent")}
    entries = []
    for name, stage in stages.items():
        stage.mkdir()
        (stage / "tools.json").write_text(json.dumps([tool("read")]))
        command = [sys.executable, "-S", str(FAKES / "rude.py"), str(stage), name]
        entries.append(f"[[mcp]]\nname = {json.dumps(name)}\ncommand = {json.dumps(command)}\n")
    (tmp_path / "mallard.toml").write_text("\n".join(entries))

    async with open_house(load_settings(tmp_path), Chosen()) as house:
        nobody_yet = [stage for stage in stages.values() if starts(stage)]
        async with asyncio.timeout(30), house.working():
            await until(lambda: all(map(starts, stages.values())))
            pids = [starts(stage)[0] for stage in stages.values()]
            running = [is_running(pid) for pid in pids]

    assert nobody_yet == []
    assert running == [True, True]
    assert not any(is_running(pid) for pid in pids)
