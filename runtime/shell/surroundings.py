"""Variables that a command sets for itself or for what it runs."""

import re

from runtime.shell.concerns import Concern, show
from runtime.shell.verdicts import Action

_PREFIXES = {
    "LANG": r"[\w.@-]*", "TZ": r"(?!.*\.\.)[A-Za-z][\w/+-]*|", "NO_COLOR": r"\w*", "TERM": r"[a-z][\w.+-]*", "COLUMNS": r"\d+",
    "CLICOLOR": r"\d", "FORCE_COLOR": r"\d", "CI": r"\w*", "GIT_PAGER": r"cat", "PAGER": r"cat", "LINES": r"\d+",
    "SYSTEMD_PAGER": r"cat|", "GIT_OPTIONAL_LOCKS": r"\d",
}  # fmt: skip
_LOCALE = re.compile(r"LC_[A-Z]+\Z")
_OWN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Names that bash, the loader, the resolver or programs look at.
_SPECIAL = re.compile(
    r"(?:BASH|LD_|GIT|PS\d|PROMPT_|HIST|COMP_|COMPREPLY|READLINE|MAIL|OPTIND|OPTARG|OPTERR|LC_|DYLD|PERL|PYTHON|RUBY|NODE|JAVA|GCONV|NLS|LOCPATH|RES_|MALLARD"
    r"|SSH|SUDO|XDG|LESS|MAN|TAR|GREP|GZIP|XZ|ZIP|RIPGREP|JQ|AWK|POSIX|GLIBC|MALLOC_|TMPDIR|DIRSTACK|HOSTNAME|HOSTTYPE|HOSTFILE|HOSTALIASES)|(?:PATH|IFS|ENV|HOME|PWD|OLDPWD|SHELL"
    r"|SHELLOPTS|CDPATH|GLOBIGNORE|FIGNORE|EXECIGNORE|FUNCNEST|INPUTRC|TIMEFORMAT|TMOUT|UID|EUID|PPID|GROUPS|SHLVL|RANDOM|SECONDS"
    r"|LINENO|REPLY|COLUMNS|LINES|TERM|TZ|LANG|LANGUAGE|EDITOR|VISUAL|PAGER|BROWSER|USER|LOGNAME|PIPESTATUS|COPROC|IGNOREEOF|SRANDOM"
    r"|EPOCHSECONDS|EPOCHREALTIME|MAPFILE|CHILD_MAX|EMACS|FCEDIT|histchars|auto_resume|_)\Z"
    r"|.*_proxy\Z|.*_PROXY\Z"
)


def question_prefix(name: str, value: str, written: str) -> Concern | None:
    """Why a variable that stands before a command has to be asked about: nearly all can change what the command does."""
    pattern = r"[\w.@-]*" if _LOCALE.match(name) else _PREFIXES.get(name)
    if pattern is not None and re.fullmatch(pattern, value):
        return None
    return Concern(f"the variable in {show(written)} can change what the command runs", Action.EXECUTE)


def question_own(name: str) -> Concern | None:
    """Why a variable that a command sets for itself has to be asked about: bash looks at some."""
    if _OWN.match(name) and not _SPECIAL.match(name):
        return None
    return Concern(f"setting {show(name)} can change how the shell runs programs", Action.EXECUTE)
