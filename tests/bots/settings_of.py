"""The settings of a folder, as a start reads them."""

from pathlib import Path

from bots.settings import Settings, load_settings


def load(folder: Path, *, env: str = "", toml: str = "") -> Settings:
    (folder / ".env").write_text(env)
    (folder / "mallard.toml").write_text(toml)
    return load_settings(folder)
