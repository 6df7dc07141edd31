"""What a start leaves to those who need it."""

import subprocess
import sys
from pathlib import Path

from tests.command import environment

NEEDED_LATER = (
    "aiohttp", "anyio", "bs4", "detect_secrets", "discord", "httpx", "jsonschema", "markdown_it", "markdownify", "mcp", "numpy",
    "onnxruntime", "prompt_toolkit", "rich", "runtime.memory.embedding.wordpiece", "runtime.shell.statements", "slack_bolt",
    "slack_sdk", "tenacity", "tree_sitter", "usearch", "yaml",
)  # fmt: skip
START = f"""
import asyncio, sys
from pathlib import Path
from bots.house import open_house
from bots.platforms import Chosen
from bots.settings import load_settings
from runtime.tools.edit_file import EditFileArguments

async def main():
    async with open_house(load_settings(Path.cwd()), Chosen()) as house, house.working():
        print([name for name in {NEEDED_LATER} if name in sys.modules], EditFileArguments.__pydantic_complete__)

asyncio.run(main())
"""


def test_no_library_is_loaded_and_no_tool_s_schema_is_built_before_it_is_needed(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", START], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )

    assert ran.stdout.strip() == "[] False", ran.stderr
