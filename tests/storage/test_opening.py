"""What cannot be opened, read or written says so, in words that tell what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.errors import DatabaseUnusable
from tests.storage.desk import Desk, look, open_desk
from tests.storage.strain import ROOT, child, held_by_another

DIARY = "Dear diary, " * 100

pytestmark = pytest.mark.promise(35)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for what other systems have otherwise")


@pytest.fixture
def diary(path: Path) -> Path:
    path.write_text(DIARY)
    return path


@pytest.fixture
def folder(path: Path) -> Path:
    path.mkdir()
    return path


def text_of(path: Path) -> str:
    return path.read_text()


async def refused(path: Path) -> str:
    with pytest.raises(DatabaseUnusable) as caught:
        async with open_desk(path):
            pass
    assert str(path) in str(caught.value)
    return str(caught.value)


def without_privileges(path: Path) -> str:
    with child("work_without_privileges", path) as process:
        return process.communicate(timeout=60)[0]


async def test_a_file_that_is_no_database(diary: Path) -> None:
    assert "not a SQLite database: move it away" in await refused(diary)
    assert text_of(diary) == DIARY


async def test_a_folder_where_the_file_should_be(folder: Path) -> None:
    assert "cannot be opened: check that its folder exists" in await refused(folder)


async def test_a_file_where_the_folder_should_be(diary: Path) -> None:
    assert "cannot be opened: check that its folder exists" in await refused(diary / "mallard.db")


async def test_a_database_that_another_program_holds(path: Path) -> None:
    async with open_desk(path):
        pass
    with held_by_another(path):
        assert "another program holds it locked" in await refused(path)
    async with open_desk(path) as desk:
        assert (await desk.receive()).id == 1


@linux_only
@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_that_may_not_be_written(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=mode)

    said = without_privileges(folder / "mallard.db")

    assert said.startswith("DatabaseUnusable")
    assert "check that its folder exists and is yours" in said


@linux_only
@pytest.mark.parametrize("folder_mode", [0o755, 0o555])
async def test_a_file_that_may_not_be_written(tmp_path: Path, folder_mode: int) -> None:
    path = tmp_path / "locked" / "mallard.db"
    async with open_desk(path) as desk:
        await desk.receive("m0")
    path.chmod(0o444)
    path.parent.chmod(folder_mode)

    said = without_privileges(path)

    assert said.startswith("DatabaseUnusable")
    assert "check the owner and permissions" in said or "check that its folder exists and is yours" in said
    path.parent.chmod(0o755)
    assert look(path, "SELECT count(*) FROM runs") == [(1,)]


async def test_damage_is_named_when_it_is_met(path: Path) -> None:
    async with open_desk(path) as desk:
        for number in range(40):
            await desk.receive(f"m{number}")
        root = desk.store.database.read_row("SELECT rootpage FROM sqlite_schema WHERE name = 'runs'")
        size = desk.store.database.read_row("PRAGMA page_size")
    assert root is not None
    assert size is not None
    _scribble(path, at=(root[0] - 1) * size[0], length=size[0])

    async with open_desk(path) as desk:
        for attempt in (lambda: desk.run(1), lambda: desk.store.find_run(desk.run(2).id)):
            with pytest.raises(DatabaseUnusable, match="damaged: stop Mallard, keep the file"):
                attempt()
        with pytest.raises(DatabaseUnusable, match="damaged"):
            await desk.receive("m99")
        with pytest.raises(DatabaseUnusable, match="damaged"):
            await desk.store.database.scan("SELECT count(request) FROM runs")


async def test_damage_that_is_met_halfway_through_the_rows_is_named_too(path: Path) -> None:
    async with open_desk(path) as desk:
        for number in range(500):
            await desk.receive(f"m{number}")
        size = desk.store.database.read_row("PRAGMA page_size")
        try:
            leaf = desk.store.database.read_row(_LAST_LEAF)
        except DatabaseUnusable:
            pytest.skip("this SQLite cannot say where its pages are")
    assert size is not None
    assert leaf is not None
    _scribble(path, at=(leaf[0] - 1) * size[0], length=size[0])

    async with open_desk(path) as desk:
        rows = iter(desk.store.database.reader.execute("SELECT request FROM runs ORDER BY id"))
        assert next(rows) == ("please, m0",)
        with pytest.raises(DatabaseUnusable, match="damaged"):
            list(rows)
        with pytest.raises(DatabaseUnusable, match="damaged"):
            desk.store.database.read_rows("SELECT request FROM runs ORDER BY id")


_LAST_LEAF = "SELECT pageno FROM dbstat WHERE name = 'runs' AND pagetype = 'leaf' ORDER BY path DESC LIMIT 1"


def _scribble(path: Path, *, at: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * length)


@pytest.mark.parametrize("name", ["what?", "a#b", "50%41", "with space", "ü"])
async def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "mallard.db"
    async with open_desk(path) as desk:
        await desk.receive()
        assert [row[0] for row in await desk.store.database.scan("SELECT id FROM runs")] == [1]
    assert path.exists()


@linux_only
def test_a_full_disk_keeps_whole_runs_only_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    script = 'mount -t tmpfs -o size=2m none "$1" || exit 77; shift; exec "$@"'
    task = [sys.executable, "-m", "tests.storage.children", "fill", str(folder / "mallard.db")]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", str(folder), *task],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if done.returncode in (1, 77) and not done.stdout:
        pytest.skip("a file system may not be mounted here")

    fault, whole, again = done.stdout.splitlines()
    assert fault.startswith("DatabaseUnusable")
    assert "the disk is full: free some space" in fault
    received, beyond, breaks = whole.split()
    assert int(received) > 10
    assert beyond == "None"
    assert breaks == "0"
    assert int(again) == int(received) + 1


async def test_after_a_full_disk_the_same_message_can_be_received_again(desk: Desk) -> None:
    await desk.write(lambda tx: tx.execute("PRAGMA max_page_count = 1").fetchone())  # no page more than it has
    received = await receive_until_it_fails(desk)
    await desk.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())

    run = await desk.receive(f"m{received}")

    assert run.id == received + 1
    assert desk.breaks() == []


async def receive_until_it_fails(desk: Desk) -> int:
    """How many messages m0, m1 … could be received."""
    for received in range(500):
        try:
            await desk.receive(f"m{received}")
        except DatabaseUnusable:
            return received
    raise AssertionError("it never failed")


async def test_what_is_kept_and_its_backup_are_for_the_owner_alone(path: Path, tmp_path: Path) -> None:
    place, backup = path.parent / "data" / "mallard.db", tmp_path / "backups" / "copy.db"

    async with open_desk(place) as desk:
        await desk.store.database.back_up(backup)
        files = [each for folder in (place.parent, backup.parent) for each in folder.iterdir() if each.is_file()]

        assert len(files) == 4  # the database, its log and its index; the backup
        assert [each for each in (place.parent, backup.parent, *files) if each.stat().st_mode & 0o077] == []
