"""A folder of skills, read from the disk: no link is followed, nothing endless is read, and what is wrong is said."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from itertools import islice

import orjson
from msgspec import Struct

from runtime.records import Workspace
from runtime.skills.frontmatter import Frontmatter, is_name, read_frontmatter
from runtime.skills.records import MANUAL, Broken, Held, Reading, Skill
from runtime.tools.confinement import enter, open_file, open_folder
from runtime.tools.failure import ToolFailed
from runtime.tools.secret_names import looks_secret
from runtime.tools.uninterrupted import Halt
from runtime.tools.visible import make_all_visible

MOST_SKILLS = 64
MOST_FILES = 100
MOST_BYTES = 4_000_000
LONGEST_MANUAL = 64_000
_DEEPEST = 6
_CHUNK = 1 << 20

Signature = tuple[tuple[str, int, int, int, int, int], ...]


class Shelf(Struct, frozen=True):
    """Where skills stand, each in a folder of its own: `inside` a workspace, or (with "") the folder itself."""

    base: Workspace
    inside: str = ""

    @property
    def place(self) -> str:
        return os.path.join(os.path.realpath(self.base.path), self.inside) if self.inside else self.base.path

    def path_of(self, name: str) -> str:
        """The folder of a skill, relative to the base."""
        return f"{self.inside}/{name}" if self.inside else name

    @property
    def is_there(self) -> bool:
        """Cheap enough to be asked before each plan."""
        return os.path.lexists(os.path.join(self.base.path, self.inside))


def shelf_at(folder: str) -> Shelf:
    """A folder that holds nothing but skills."""
    place = os.path.realpath(folder)
    return Shelf(Workspace(id=place, path=place))


def shelf_of(workspace: Workspace) -> Shelf:
    return Shelf(workspace, "skills")


class _Entry(Struct, frozen=True):
    folder: int
    name: str
    path: str
    found: os.stat_result


def list_names(shelf: Shelf) -> tuple[str, ...]:
    """The folders on a shelf, in order, hidden ones aside; none where there is no shelf. Raises ToolFailed or OSError."""
    if not shelf.is_there:
        return ()
    with open_folder(shelf.base, shelf.inside) as folder, os.scandir(folder) as entries:
        names = sorted(each.name for each in entries if not each.name.startswith(".") and _may_hold(each))
    return tuple(names[:MOST_SKILLS])


def _may_hold(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) or entry.is_symlink()


def sign(shelf: Shelf, name: str, halt: Halt) -> Signature:
    """Another one wherever a file of the skill is another. Raises as `read_files` does."""
    with open_folder(shelf.base, shelf.path_of(name)) as folder:
        return tuple(_signed(entry) for entry in _walk(folder, "", _DEEPEST, halt, [MOST_FILES]))


def _signed(entry: _Entry) -> tuple[str, int, int, int, int, int]:
    found = entry.found
    return entry.path, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def read_files(shelf: Shelf, name: str, halt: Halt) -> dict[str, Held]:
    """Every file of a skill's folder. Raises ToolFailed (`not_found`: there is no such folder) or OSError."""
    held: dict[str, Held] = {}
    room = MOST_BYTES
    with open_folder(shelf.base, shelf.path_of(name)) as folder:
        for entry in _walk(folder, "", _DEEPEST, halt, [MOST_FILES]):
            held[entry.path] = _read(entry, room, halt)
            room -= len(held[entry.path].content)
    return held


def _read(entry: _Entry, room: int, halt: Halt) -> Held:
    content = bytearray()
    with open_file(entry.folder, entry.name, entry.path) as descriptor:
        runs = bool(os.fstat(descriptor).st_mode & 0o111)
        while chunk := os.read(descriptor, min(_CHUNK, room + 1)):
            halt.check_going_on()
            content += chunk
            if len(content) > room:
                raise ToolFailed(f"It has more than {MOST_BYTES:,} bytes, the most that a skill may have.")
    return Held(content=bytes(content), runs=runs)


def _walk(folder: int, prefix: str, depth: int, halt: Halt, left: list[int]) -> Iterator[_Entry]:
    """Every regular file below an open folder, in order. `left` is how many entries may still be met."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in islice(entries, left[0] + 1))
    for name in names:
        halt.check_going_on()
        path = f"{prefix}/{name}" if prefix else name
        left[0] -= 1
        if left[0] < 0:
            raise ToolFailed(f"It has more than {MOST_FILES} files and folders, the most that a skill may have.")
        if make_all_visible(name) != name or "\n" in name:
            raise ToolFailed(f"{make_all_visible(path)!r:.120} is a name with characters that nobody sees. Rename it.")
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            yield _Entry(folder, name, path, found)
            continue
        if depth == 1:
            raise ToolFailed(f"{path} lies too deep: a skill may have {_DEEPEST} levels of folders.")
        inner = enter(folder, name, path)
        try:
            yield from _walk(inner, path, depth - 1, halt, left)
        finally:
            os.close(inner)


def reading_of(place: str, name: str, held: Mapping[str, Held]) -> Reading | Broken:
    """The skill that these files are. Pure."""
    found = _frontmatter_of(name, held)
    if not isinstance(found, Frontmatter):
        return Broken(name=name, place=place, faults=found)
    files = {path: hashlib.sha256(each.content).hexdigest() for path, each in sorted(held.items())}
    skill = Skill(
        name=found.name,
        description=found.description,
        place=place,
        manual=held[MANUAL].text or "",
        files=files,
        digest=digest_of_files(held),
        size=sum(len(each.content) for each in held.values()),
    )
    return Reading(skill=skill, held=held)


def digest_of_files(held: Mapping[str, Held]) -> str:
    """The fingerprint of all files together: another one for another name, another byte, another right to be run."""
    files = [[path, each.runs, hashlib.sha256(each.content).hexdigest()] for path, each in sorted(held.items())]
    return hashlib.sha256(orjson.dumps(files)).hexdigest()


def _frontmatter_of(name: str, held: Mapping[str, Held]) -> Frontmatter | tuple[str, ...]:
    if secret := [path for path in held if looks_secret(path)]:
        return (f"{secret[0]} has a name that says that it may hold secrets. A skill must not hold any.",)
    if MANUAL not in held:
        return (f"It has no {MANUAL}.",)
    size, text = len(held[MANUAL].content), held[MANUAL].text
    if size > LONGEST_MANUAL:
        return (f"{MANUAL} has {size:,} bytes; {LONGEST_MANUAL:,} are the most. Move parts of it into other files.",)
    if text is None:
        return (f"{MANUAL} is not UTF-8 text.",)
    found = read_frontmatter(text, folder=name)
    return found if isinstance(found, Frontmatter) else tuple(f"{MANUAL}: {fault}" for fault in found)


def read_skill_at(shelf: Shelf, name: str, halt: Halt) -> Reading | Broken | None:
    """A skill as it stands at this moment; None where there is no such folder. Never raises for what stands there."""
    try:
        held = read_files(shelf, name, halt)
    except ToolFailed as failed:
        if failed.code == "not_found" and not is_on(shelf, name):
            return None
        return Broken(name=name, place=shelf.place, faults=(str(failed),))
    except OSError as error:
        return Broken(name=name, place=shelf.place, faults=(f"It cannot be read: {error.strerror}.",))
    return reading_of(shelf.place, name, held)


def is_on(shelf: Shelf, name: str) -> bool:
    """Whether something of this name stands there, whatever it is."""
    return is_name(name) and os.path.lexists(os.path.join(shelf.place, name))
