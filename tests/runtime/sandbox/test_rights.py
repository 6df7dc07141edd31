"""A command in a sandbox has no rights beyond its own, and gets none."""

from runtime.sandbox.profiles import Profile
from tests.runtime.sandbox.cell import Cell
from tests.runtime.sandbox.marks import EVERY, WITH_BUBBLEWRAP


@EVERY
def test_it_gets_no_new_rights(cell: Cell, profile: Profile) -> None:
    program = (
        "import os\n"
        "for name in ('setuid', 'seteuid', 'setgid', 'setegid'):\n"
        "    for number in {0, 1, 12345} - {os.getuid(), os.getgid()}:\n"
        "        try: getattr(os, name)(number); print('became', name, number)\n"
        "        except OSError: pass\n"
        "print('tried')\n"
    )
    assert cell.python(program, profile).output == "tried\n"
    assert (
        "ran"
        not in cell.run("for file in su newgrp chsh; do $file </dev/null >/dev/null 2>&1 && echo ran; done").output
    )


@WITH_BUBBLEWRAP
@EVERY
def test_it_has_no_capability_and_cannot_get_one(bubble: Cell, profile: Profile) -> None:
    status = bubble.run("cat /proc/self/status", profile).output
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)

    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"
    assert "0" not in fields["Uid"].split()


@EVERY
def test_a_setuid_file_of_its_own_gives_nothing(cell: Cell, profile: Profile) -> None:
    done = cell.run("cp /usr/bin/id $TMPDIR/id && chmod u+s $TMPDIR/id; $TMPDIR/id -u; id -u", profile)

    numbers = [line for line in done.output.splitlines() if line.isdigit()]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1


@EVERY
def test_nothing_can_be_mounted_and_no_namespace_made(cell: Cell, profile: Profile) -> None:
    tries = (
        "mkdir -p $TMPDIR/m; mount -t tmpfs none $TMPDIR/m && echo did; mount -t proc proc $TMPDIR/m && echo did; "
        "mount -o remount,rw / && echo did; umount -l /proc/sys && echo did; unshare -Ur true && echo did; "
        "unshare -Urm true && echo did; unshare -Urn true && echo did; nsenter -t 1 -a true && echo did; "
        "chroot / true && echo did; bwrap --ro-bind / / true && echo did; true"
    )

    assert "did" not in cell.run(tries, profile).output
