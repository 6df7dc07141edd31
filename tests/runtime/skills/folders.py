"""Skills for tests, written to the disk."""

from pathlib import Path


def manual(name: str, body: str = "Do it well.", description: str = "How it is done.") -> str:
    return f"---\nname: {name}\ndescription: {description}\n---\n\n{body}\n"


def put_skill(shelf: Path, name: str, body: str = "Do it well.", **given: str) -> Path:
    """A skill on a shelf: `description`, and other files by their paths with `__` for a slash and `_dot_` for a dot."""
    folder = shelf / name
    folder.mkdir(parents=True, exist_ok=True)
    description = given.pop("description", "How it is done.")
    (folder / "SKILL.md").write_text(manual(name, body, description))
    for path, text in given.items():
        file = folder / path.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
