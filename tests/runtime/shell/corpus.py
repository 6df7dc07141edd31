"""The labelled commands, and a workspace in which they mean what their labels say."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runtime.shell import Verdict

_FOLDER = Path(__file__).parent / "corpus"
_NUMBER = re.compile(r"‹([0-9A-F]{4})›")
FILES = {
    Verdict.AUTO: "harmless.txt",
    Verdict.APPROVE: "dangerous.txt",
    Verdict.BLOCK: "destructive.txt",
}
CANARY = "canary-4d0c"


def read_corpus(verdict: Verdict) -> list[tuple[str, str]]:
    """Every command with that label, each with its category."""
    return list(_read(_FOLDER / FILES[verdict]))


def _read(path: Path) -> Iterator[tuple[str, str]]:
    category = path.stem
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            category = line.removeprefix("## ")
        elif line and not line.startswith("# "):
            yield category, _NUMBER.sub(lambda found: chr(int(found[1], 16)), line.replace("⏎", "\n"))


def make_workspace(folder: Path) -> Path:
    """A small repository with secrets in it and links out of it."""
    workspace = folder / "workspace"
    for inner in ("src/lib", "docs", "data", "secrets"):
        (workspace / inner).mkdir(parents=True)
    texts = {
        "README.md": "# Example\n\nmain and more\nTODO: foo bar\n",
        "docs/guide.md": "# Guide\n\nfoo\n",
        "src/app.py": "import os\n\n\ndef main():\n    return os.getcwd()  # TODO\n",
        "src/lib/util.py": "class Util:\n    pass\n",
        "data/table.csv": "name,size\na,1\nb,22\n",
        "data/config.json": '{"name": "x", "items": [{"name": "a", "size": 12}]}\n',
        "data/server.log": "10:00 info started\n10:01 error failed\n",
        "list.txt": "README.md\n",
        ".env": f"SECRET={CANARY}\n",
        ".env.local": f"SECRET={CANARY}\n",
        "credentials.json": f'{{"token": "{CANARY}"}}\n',
        "secrets/prod.yaml": f"password: {CANARY}\n",
        "server.key": f"{CANARY}\n",
        "id_rsa": f"{CANARY}\n",
    }
    for name, text in texts.items():
        (workspace / name).write_text(text, encoding="utf-8")
    (folder / "outside.txt").write_text(CANARY, encoding="utf-8")
    (workspace / "link").symlink_to("/etc")
    (workspace / "link1").symlink_to("/etc")
    (workspace / "outside.txt").symlink_to(folder / "outside.txt")
    (workspace / "link-to-env").symlink_to(".env")
    return workspace


def make_repository(folder: Path) -> Path:
    """The same with a history of two commits, and archives to look into."""
    workspace = make_workspace(folder)
    commands = (
        "git init -q -b main",
        "git config user.name Ann; git config user.email ann@example.org",
        "git remote add origin https://git.example.org/x.git",
        "git add README.md src && git commit -qm first",
        "git add docs data && git commit -qm second && git tag v1.0",
        "tar cf data/bundle.tar src && tar czf data/bundle.tar.gz src && gzip -k data/server.log",
    )
    for command in commands:
        subprocess.run(["bash", "-c", command], cwd=workspace, check=True, capture_output=True)
    return workspace
