"""The other runtimes, in an environment of their own: none of them ever meets Mallard's."""

import hashlib
import subprocess
import sys
from pathlib import Path

from bench.laboratory import ROOT

_REQUIREMENTS = Path(__file__).with_name("requirements-peers.txt")
_FOLDER = ROOT / ".venv-peers"


def peers_python() -> Path:
    """The interpreter of an environment that has exactly what is pinned; made or made anew where it has not."""
    wanted, stamp = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest(), _FOLDER / "requirements.sha256"
    python = _FOLDER / "bin" / "python"
    if not (python.exists() and stamp.exists() and stamp.read_text() == wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", _FOLDER], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]
        subprocess.run([python, *install, _REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python
