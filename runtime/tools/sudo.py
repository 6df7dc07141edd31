"""A command as the machine's administrator: by sudo, whose password comes through a pipe and is kept by nobody."""

import re
from pathlib import Path

from msgspec import Struct

from runtime.sandbox.finding import PATH, shell_of
from runtime.sandbox.port import Enclosed
from runtime.tools.passwords import Passwords, wipe

SETTING = "MALLARD_SHELL_SUDO"
_NO_TERMINAL = (
    "The password for it is asked for at Mallard's own terminal, and this Mallard was not started at one. Start `mallard up` "
    "(or `mallard chat`) at a terminal and ask again."
)
_NOBODY = "Nobody typed the password for it at Mallard's terminal."
_TOO_LONG = "What was typed is longer than any password that sudo takes."
_LONGEST = 1_000  # bytes; a pipe has to take it before anybody reads
_NOT_ACCEPTED = re.compile(r"incorrect password|no password was provided|try again", re.IGNORECASE)
_ITSELF = re.compile(r"\s*(?:\S*/)?sudo(?:\s|$)")
_MOST_WORDS = 2_000

# Runs the command `$1` with the mark `$2` in its environment, by the shell that the rest names, and says the mark first. It has
# root's rights, which we have not, so that it can end what we may not signal. It does so when the command is over, when sudo
# passes a signal on, and when the pipe on the input ends, as it does where Mallard is killed. The command itself has no
# input: where sudo wanted no password, the one that nobody read is thrown away here.
_GUARD = r"""
exec 3<&0 </dev/null 4>&2 2>/dev/null
command=$1 mark=$2
shift 2
printf '%s\n' "$mark"
marked() { grep -lszxF -- "$mark" /proc/[0-9]*/environ | cut -d / -f 3; }
end() {
  trap '' TERM INT HUP QUIT
  kill -s TERM -- -$child $(marked)
  for _ in 1 2 3 4 5; do
    [ -n "$(marked)" ] || break
    sleep 0.1
  done
  kill -s KILL -- -$child
  for _ in 1 2 3 4 5; do
    kill -s KILL -- $(marked) || break
    sleep 0.1
  done
}
set -m
trap 'end; exit 143' TERM INT HUP QUIT
env "$mark" "$@" -c -- "$command" 2>&4 3<&- 4>&- &
child=$!
{ cat <&3; kill -s TERM $$; } >/dev/null 4>&- &
guard=$!
wait $child
code=$?
kill -s KILL -- -$guard
end
exit $code
"""


class Sudo(Struct, frozen=True, kw_only=True):
    """The `program` that is called, and who is asked for its password: None where this process has no terminal."""

    program: Path
    passwords: Passwords | None = None

    @property
    def words(self) -> str:
        """What a card says of the password."""
        asked = "Once this is approved, its password is asked for at Mallard's own terminal, and nowhere else."
        if self.passwords is not None:
            return asked
        return f"{asked} This Mallard was not started at a terminal: until it is, an approved call is not run."

    async def ask(self, command: str) -> bytearray | str:
        """The password for one command; or why there is none."""
        if self.passwords is None:
            return _NO_TERMINAL
        password = await self.passwords.ask(command)
        if password is None:
            return _NOBODY
        if len(password) > _LONGEST:
            wipe(password)
            return _TOO_LONG
        return password

    def enclose(self, command: str, mark: str) -> Enclosed:
        """How it is started. It begins by saying the mark, in a line of its own."""
        sudo = (str(self.program), "-S", "-k", "-p", "", "--")
        guard = (*shell_of(), "-c", _GUARD, "mallard", command, mark, *shell_of())
        return Enclosed(argv=(*sudo, *guard), environment={"PATH": PATH, "LANG": "C.UTF-8", "TERM": "dumb"})


def says_sudo(command: str) -> bool:
    """Whether a command begins with sudo by itself."""
    return _ITSELF.match(command) is not None


def why_not_begun(said: str) -> str:
    """Why sudo ran nothing, by what it said."""
    if _NOT_ACCEPTED.search(said):
        return "The password was not accepted: it can be tried again by asking again."
    return f"sudo did not run it. It said: {said.strip()[:_MOST_WORDS] or 'nothing'}."
