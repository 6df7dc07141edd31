"""The doctor starts each server once, and says who it is, what it offers, or why it is away."""

import json
import sys
from pathlib import Path

from bots.doctor import Level, examine
from tests.runtime.mcp.office import FAKES, is_running, tool


async def test_servers_are_looked_at_and_ended_again(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "tools.json").write_text(json.dumps([tool("read"), tool("no good")]))
    python, script = json.dumps(sys.executable), json.dumps(str(FAKES / "rude.py"))
    (tmp_path / "mallard.toml").write_text(f"""
        [[mcp]]
        name = "well"
        command = [{python}, "-S", {script}, {json.dumps(str(stage))}]

        [[mcp]]
        name = "ill"
        command = [{python}, "-S", {script}, {json.dumps(str(stage))}, "stillborn"]

        [[mcp]]
        name = "nobody"
        url = "http://127.0.0.1:9/mcp"
    """)
    found = [finding async for finding in examine(tmp_path) if finding.part.startswith("mcp ")]

    assert [(finding.part, finding.level) for finding in found] == [
        ("mcp well", Level.OK),
        ("mcp well", Level.WARN),
        ("mcp ill", Level.FAIL),
        ("mcp nobody", Level.FAIL),
    ]
    assert found[0].words.startswith("rude 1, protocol 2025-06-18; 1 tools: read (")
    assert found[1].words == "left out: 'no good' is not a name that can be used"
    assert "its process ended (exit status 7), saying: cannot find my configuration" in found[2].words
    assert "http://127.0.0.1:9/mcp: ConnectError" in found[3].words
    assert not any(is_running(int(pid)) for pid in (stage / "starts").read_text().split())
