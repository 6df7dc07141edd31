"""What a command in a sandbox can read and write."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.sandbox.concealed import is_plain_git_configuration
from runtime.sandbox.finding import shell_of
from runtime.sandbox.landlock import Landlock
from runtime.sandbox.port import SandboxUnfit, Scenery
from runtime.sandbox.profiles import STRICT, Profile
from tests.runtime.sandbox.cell import APPROVED, CANARY, Cell
from tests.runtime.sandbox.marks import EVERY


@EVERY
def test_it_reads_the_workspace(cell: Cell, profile: Profile) -> None:
    (cell.workspace / "notes").write_text("here\n")

    assert cell.run("cat notes", profile).output == "here\n"


def test_only_an_approved_one_writes_in_the_workspace(cell: Cell) -> None:
    assert cell.run("echo x > new; echo y >> old; mkdir folder", STRICT).returncode != 0
    assert list(cell.workspace.iterdir()) == []

    assert cell.run("echo x > new; mkdir folder; mv new folder/; ln -s folder/new link", APPROVED).output == ""
    assert (cell.workspace / "link").read_text() == "x\n"


@pytest.mark.needs("bubblewrap")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a workspace to somebody else")
@pytest.mark.parametrize("owner", [0, 12345])
def test_what_it_makes_belongs_to_the_owner_of_the_workspace(bubble: Cell, owner: int) -> None:
    os.chown(bubble.workspace, owner, owner)

    done = bubble.run("echo x > new; id -u", APPROVED)

    assert (bubble.workspace / "new").stat().st_uid == owner
    assert done.output.strip() not in ("", "0")


@EVERY
def test_nothing_beside_the_workspace_is_read(cell: Cell, profile: Profile) -> None:
    tries = f"cat {cell.outside}/secret {cell.outside}/.env ../outside/secret /etc/shadow /etc/sudoers ~root/.bashrc; "
    tries += f"ls {cell.outside} /home /root /var /run /srv /mnt; "
    done = cell.run(tries + "find / -xdev -name secret -exec cat {} +", profile)

    assert CANARY not in done.output
    assert "root:" not in done.output


@EVERY
def test_nothing_beside_the_workspace_is_written(cell: Cell, profile: Profile) -> None:
    before = (cell.outside / "secret").read_bytes()
    places = f"{cell.outside}/secret {cell.outside}/new ../outside/new /usr/bin/new /etc/new /new /dev/new /var/tmp/new"
    done = cell.run(f"for place in {places}; do echo x 2>&1 >> $place && echo wrote $place; done", profile)

    assert "wrote" not in done.output
    assert (cell.outside / "secret").read_bytes() == before
    assert sorted(os.listdir(cell.outside)) == [".env", "secret"]


def test_unasked_it_changes_no_mode_no_owner_and_no_time(cell: Cell) -> None:
    mine, other = cell.workspace / "mine", cell.outside / "secret"
    mine.touch()
    before = [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (mine, other)]

    cell.run(
        f"chmod 777 mine {other}; touch -d yesterday mine {other}; chown 1 mine {other}; setfattr -n user.x -v y mine"
    )

    assert [(path.stat().st_mode, path.stat().st_mtime_ns) for path in (mine, other)] == before


@EVERY
def test_it_gives_nothing_outside_to_somebody_else(cell: Cell, profile: Profile) -> None:
    cell.run(f"chown 1 {cell.outside}/secret", profile)

    assert (cell.outside / "secret").stat().st_uid == os.geteuid()


def test_an_approved_one_sets_modes_in_the_workspace(cell: Cell) -> None:
    cell.run("echo 'echo ran' > script; chmod 755 script; touch -d yesterday script", APPROVED)

    assert (cell.workspace / "script").stat().st_mode & 0o777 == 0o755


@EVERY
def test_a_symbolic_link_leads_nowhere(cell: Cell, profile: Profile) -> None:
    (cell.workspace / "link").symlink_to(cell.outside / "secret")
    (cell.workspace / "folder").symlink_to(cell.outside)
    (cell.workspace / "shadow").symlink_to("/etc/shadow")

    done = cell.run("cat link folder/secret shadow; echo x > folder/new; echo x > link", profile)

    assert CANARY not in done.output
    assert (cell.outside / "secret").read_text() == CANARY
    assert not (cell.outside / "new").exists()


@EVERY
def test_a_hard_link_cannot_be_made_to_what_is_outside(cell: Cell, profile: Profile) -> None:
    done = cell.run(f"ln {cell.outside}/secret mine; ln ../outside/secret mine; ln /etc/shadow mine; cat mine", profile)

    assert CANARY not in done.output
    assert (cell.outside / "secret").stat().st_nlink == 1


@pytest.mark.parametrize(
    "name",
    [".env", "sub/.env.local", "id_rsa", "deep/er/credentials.json", ".ssh/config", ".git/config", "secrets/a/b"],
)
def test_unasked_it_finds_no_secret_of_the_workspace(cell: Cell, name: str) -> None:
    place = cell.workspace / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"token = {CANARY}\n")
    (cell.workspace / "link").symlink_to(place)
    (cell.workspace / "plain").write_text("plain\n")

    done = cell.run(f"cat {name} link; grep -rh . .; tar c . | cat; cat plain", STRICT)

    assert CANARY not in done.output
    assert "plain\n" in done.output
    assert CANARY in cell.run(f"cat {name}", APPROVED).output


def test_a_secret_among_thousands_of_files_is_concealed_too(cell: Cell) -> None:
    (cell.workspace / ".env").write_text(f"TOKEN={CANARY}\n")
    for number in range(10_000):  # more than fits into a command line
        (cell.workspace / f"{number:0>200}").touch()

    done = cell.run("cat .env; ls | wc -l", STRICT)

    assert CANARY not in done.output
    assert done.output.splitlines()[-1] == "10000"


def test_a_path_that_would_bring_another_one_with_it_is_refused(tmp_path: Path) -> None:
    sandbox = Landlock(shell_of(), Scenery(readable=(Path("/opt\0readable=/root"),)))

    with pytest.raises(SandboxUnfit, match="NUL"), ExitStack() as lasting:
        sandbox.enclose(("true",), tmp_path, STRICT, {}, lasting)


def test_git_works_unasked_without_its_configuration(cell: Cell) -> None:
    done = cell.run("git init -q . && echo x > a && git add a && git config core.fsmonitor 'touch ran'", APPROVED)
    assert done.returncode == 0, done.output

    assert "a" in cell.run("git status --short", STRICT).output
    assert not (cell.workspace / "ran").exists()


@pytest.mark.parametrize("name", ["gpg.program", "gpg.openpgp.program", "gpg.ssh.program", "gpg.x509.program"])
def test_git_checks_no_signature_unasked_with_a_program_that_the_repository_names(cell: Cell, name: str) -> None:
    done = cell.run(f"git init -q . && git config {name} ./mine && git config {name}", APPROVED)
    assert done.output == "./mine\n"

    assert cell.run(f"git config {name} 2>/dev/null", STRICT).output == "false\n"


def test_git_takes_no_folder_for_a_repository_unasked_that_does_not_say_so(cell: Cell) -> None:
    assert cell.run("git init -q --bare . && git config diff.external ./mine", APPROVED).returncode == 0

    assert cell.run("git log", STRICT).returncode == 128
    assert "safe.bareRepository" in cell.run("git log", STRICT).output


@pytest.mark.parametrize(
    ("written", "is_plain"),
    [
        ("[core]\n\tbare = false\n\tfsmonitor = true\n[user]\n\tname = Ann\n", True),
        ("[diff]\n\texternal = ./mine\n", False),
        ('[diff "x"]\n\ttextconv = ./mine\n', False),
        ('[diff "x"] command=./mine\n', False),
        ("[core]\n\tfsmonitor = ./mine\n", False),
        ('[filter "x"]\n\tclean = ./mine\n', False),
        ("[gpg]\n\tprogram = ./mine\n", False),
        ("[extensions]\n\tworktreeConfig = true\n", False),
    ],
)
def test_a_configuration_of_git_that_names_a_program_is_not_plain(tmp_path: Path, written: str, is_plain: bool) -> None:
    path = tmp_path / ".git" / "config"
    path.parent.mkdir()
    path.write_text(written)

    assert is_plain_git_configuration(path) is is_plain


@EVERY
def test_what_is_ours_is_hidden_even_within_the_workspace(cell: Cell, profile: Profile, tmp_path: Path) -> None:
    inner = type(cell)(sandbox=cell.sandbox, workspace=tmp_path, outside=cell.outside)  # holds what is to be hidden

    (cell.workspace / "plain").write_text("plain\n")
    done = inner.run("cat outside/secret outside/.env; echo x > outside/new; cat workspace/plain", profile)

    assert CANARY not in done.output
    assert done.output.endswith("plain\n")
    assert not (cell.outside / "new").exists()


@EVERY
def test_its_tmp_is_its_own_and_gone_afterwards(cell: Cell, profile: Profile) -> None:
    marked = f"mallard-test-{os.getpid()}"
    done = cell.run(f"echo x > $TMPDIR/{marked} && cat $TMPDIR/{marked} && cd && pwd", profile)

    assert done.output.startswith("x\n")
    assert CANARY not in cell.run(f"cat $TMPDIR/{marked} /tmp/{marked}", profile).output
    # Others come and go there meanwhile, which `os.walk` takes as it comes.
    inside = [files for folder in Path("/tmp").glob("mallard-*") for _, _, files in os.walk(folder)]
    assert not Path("/tmp", marked).exists()
    assert not any(marked in files for files in inside)


@EVERY
def test_no_device_can_be_made_or_opened(cell: Cell, profile: Profile) -> None:
    done = cell.run(
        "mknod $TMPDIR/disk b 8 0 && echo made; mknod null c 1 3 && echo made; "
        "for device in /dev/vda /dev/sda /dev/mem /dev/kmsg /dev/fuse /dev/kvm; do head -c1 $device && echo opened; done",
        profile,
    )

    assert "made" not in done.output
    assert "opened" not in done.output


@EVERY
def test_it_gets_its_devices_and_substitutions(cell: Cell, profile: Profile) -> None:
    assert (
        cell.run("echo x > /dev/null; head -c4 /dev/urandom | wc -c; cat < <(echo inner)", profile).output
        == "4\ninner\n"
    )
