"""A program that is called as sudo is: for a machine without sudo, and for one whose root is asked for no password."""

from pathlib import Path

PASSWORD = "qu4ck-qu4ck-Qu4ck"
_PROGRAM = """#!/bin/bash
# Reads one line, a byte at a time as sudo does, and becomes what is behind `--`; what it inherited beside its three
# descriptors it closes, and of the environment it keeps little.
[ "$1 $2 $3|$4|$5" = "-S -k -p||--" ] || { echo "usage: sudo -S -k -p '' -- command" >&2; exit 1; }
shift 5
IFS= read -r password
if [ "$password" != "{password}" ]; then
  printf 'Sorry, try again.\\n\\nsudo: no password was provided\\nsudo: 1 incorrect password attempt\\n' >&2
  exit 1
fi
echo 'We trust you have received the usual lecture from the local System Administrator.' >&2
for descriptor in $(ls /proc/$$/fd); do [ "$descriptor" -lt 3 ] || eval "exec $descriptor>&-"; done
exec env -i PATH="$PATH" LANG="$LANG" TERM="$TERM" HOME=/root USER=root SUDO_USER=duck "$@"
"""


def stand_in(folder: Path) -> Path:
    """The program, made in a folder. It lets whoever knows the PASSWORD run anything, with the rights that they have."""
    program = folder / "sudo"
    program.write_text(_PROGRAM.replace("{password}", PASSWORD))
    program.chmod(0o755)
    return program
