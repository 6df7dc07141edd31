"""`.env.example` is the operator's manual of the settings, so it says exactly what the code does."""

import re
from pathlib import Path

from pydantic import SecretStr

from bots.settings import Settings

EXAMPLE = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
LINES = dict(re.findall(r"^#?(MALLARD_[A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))


def test_every_setting_is_listed_and_nothing_else() -> None:
    assert set(LINES) == {f"MALLARD_{name.upper()}" for name in Settings.model_fields}


def test_every_line_shows_the_default() -> None:
    shown = {
        name.upper(): _written(info.get_default(call_default_factory=True))
        for name, info in Settings.model_fields.items()
    }
    assert {name.removeprefix("MALLARD_"): value for name, value in LINES.items()} == shown | {
        "WORKSPACES": "[]",
        "RULES": "[]",
        "MCP": "[]",
    }


def test_nothing_is_set_by_copying_it() -> None:
    assert not [line for line in EXAMPLE.splitlines() if line.strip() and not line.startswith("#")]


def test_every_group_of_lines_is_explained() -> None:
    for block in re.split(r"\n\s*\n", EXAMPLE):
        lines = block.strip().splitlines()
        if any(line.startswith("#MALLARD_") for line in lines):
            assert lines[0].startswith("# "), block


def _written(value: object) -> str:
    if value is None or value == ():
        return ""
    assert not isinstance(value, SecretStr)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
