"""What rows cannot say by options alone, by the name that a row gives it."""

import re
from collections.abc import Callable, Iterator

from runtime.records import Risk
from runtime.shell.concerns import Concern, NotUnderstood, show
from runtime.shell.languages.awk import question_awk
from runtime.shell.languages.jq import question_jq
from runtime.shell.languages.sed import SedScript
from runtime.shell.rows import Reading
from runtime.shell.scope import Scope
from runtime.shell.secret_patterns import looks_for_secrets, may_mean_secret
from runtime.shell.verdicts import Action
from runtime.shell.words import NAMES, Word

Check = Callable[[Reading, Scope], Iterator[Concern | None]]

_PS_WORDS = re.compile(r"[axuwfljr]+\Z|\d+\Z")  # no e: it shows environments
_PUBLIC_VARIABLES = frozenset(
    ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "PWD", "TERM", "TZ", "LC_ALL", "EDITOR", "HOSTNAME"]
)
_IP_OBJECTS = frozenset(
    ["a", "ad", "add", "addr", "address", "l", "li", "link", "r", "ro", "route", "n", "neigh", "rule", "maddr"]
)
_IP_CHANGES = frozenset(
    {"add", "del", "delete", "change", "replace", "set", "flush", "save", "restore", "exec", "monitor"}
)
_IP_OPTIONS = frozenset({"-4", "-6", "-0", "-o", "-br", "-brief", "--brief", "-j", "-json", "-c", "-color", "-s", "-d"})
_IP_READS = frozenset({"show", "list", "ls", "s", "sh"})
_IP_LINKS = frozenset({"l", "li", "link"})  # where `s` is not short for `show`, but for `set`
_SYSTEMCTL = frozenset(
    [
        "status",
        "is-active",
        "is-enabled",
        "is-failed",
        "list-units",
        "list-unit-files",
        "list-timers",
        "list-sockets",
        "list-dependencies",
        "show",
        "get-default",
        "is-system-running",
        "list-jobs",
    ]
)
_SHOWS = frozenset({"status", "show", "list-timezones", "list-sessions", "list-users"})
_SET_WORDS = re.compile(r"[-+][eufxE]*o?\Z|pipefail\Z|errexit\Z|nounset\Z|noglob\Z")
_EVERYTHING = frozenset({"", ".", ".*", ".+", "^", "$", "=", "*"})
_DEEP = ("-r", "-R", "--recursive", "--dereference-recursive", "--hidden", "-u", "--unrestricted", "-.")


def _search(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    """Searching everything for what looks like a password is reading secrets, whatever the files are called."""
    patterns = [*reading.values("-e", "--regexp"), *reading.operands[:1]]
    deep = reading.has(*_DEEP) or any(word.text == NAMES for word in reading.operands)
    if deep and any(word.known in _EVERYTHING or looks_for_secrets(word.known) for word in patterns):
        yield Concern(f"{show(f'{reading.row.name} {patterns[0]}')} looks for secrets", Action.SECRETS, Risk.CRITICAL)
    for word in reading.values("--include", "--glob", "-g", "--iglob"):
        if not word.known.startswith("!") and may_mean_secret(Word(word.fitting).known):
            yield Concern(f"{show(str(word))} picks files that hold secrets", Action.SECRETS, Risk.CRITICAL)


def _scripts(reading: Reading, *options: str) -> list[Word]:
    scripts = list(reading.values(*options)) or list(reading.operands[:1])
    if not scripts or not all(script.is_literal for script in scripts):
        raise NotUnderstood(f"the script of {show(reading.row.name)} is only known once it runs")
    return scripts


def _sed(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    for script in _scripts(reading, "-e", "--expression"):
        yield SedScript(script).question()


def _awk(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    yield question_awk(_scripts(reading)[0])
    for word in reading.operands[1:]:
        if "=" in word.text:
            raise NotUnderstood(f"{show(f'awk … {word}')} sets a variable instead of naming a file")
    for word in reading.values("-v", "--assign"):
        if not re.match(r"[A-Za-z_]\w*=", word.text) or word.text.startswith(("ARG", "ENVIRON", "PROCINFO")):
            raise NotUnderstood(f"{show(f'awk -v {word}')} is not a variable that can be read here")


def _jq(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    yield question_jq(_scripts(reading)[0])


def _ps(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    for word in (*reading.operands, *reading.values("-o", "-O", "--format")):
        if "env" in word.text:
            yield Concern(
                f"{show(f'ps -o {word}')} can show the environment of processes", Action.SECRETS, Risk.CRITICAL
            )
    for word in reading.operands:
        if not _PS_WORDS.match(word.text):
            yield Concern(f"{show(f'ps {word}')} can show the environment of processes", Action.SECRETS, Risk.CRITICAL)


def _printenv(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.operands or any(word.text not in _PUBLIC_VARIABLES for word in reading.operands):
        yield Concern("`printenv` shows environment variables, which may hold secrets", Action.SECRETS, Risk.CRITICAL)


def _date(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    for word in reading.operands:
        if not word.text.startswith("+"):
            yield Concern(f"{show(f'date {word}')} can set the clock", Action.SYSTEM, Risk.CRITICAL)


def _ip(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    words = [word.text for word in reading.operands if word.text not in _IP_OPTIONS]
    if (
        not words
        or words[0] not in _IP_OBJECTS
        or (len(words) > 1 and words[1] not in _IP_READS)
        or (len(words) > 1 and words[0] in _IP_LINKS and words[1] == "s")
        or _IP_CHANGES & set(words)
    ):
        yield Concern(
            f"{show('ip ' + ' '.join(map(str, reading.operands)))} is not known to only show",
            Action.SYSTEM,
            Risk.CRITICAL,
        )


def _systemctl(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if reading.operands and reading.operands[0].text not in _SYSTEMCTL:
        yield Concern(f"{show(f'systemctl {reading.operands[0]}')} controls services", Action.SYSTEM, Risk.CRITICAL)


def _shows(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if len(reading.operands) > 1 or any(word.text not in _SHOWS for word in reading.operands):
        yield Concern(
            f"{show(f'{reading.row.name} {reading.operands[0]}')} is not known to only show",
            Action.SYSTEM,
            Risk.CRITICAL,
        )


def _numeric(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.has("-n", "--numeric"):
        reason = f"{show(reading.row.name)} without `-n` looks up names in the network"
        yield Concern(reason, Action.NETWORK, needs_network=True)


def _getent(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.operands or reading.operands[0].text not in ("passwd", "group", "services", "protocols"):
        raise NotUnderstood("`getent` is only known for passwd, group, services and protocols")
    yield None


def _tar(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.has("-t", "--list"):
        yield Concern("`tar` without `-t` packs or unpacks", Action.WRITE)
    archives = list(reading.values("-f", "--file"))
    if len(archives) != 1 or ":" in archives[0].text:
        raise NotUnderstood("`tar -t` is only known with one archive of this machine")
    yield scope.ground.question(archives[0], scope.folders)


def _unzip(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.has("-l", "-v", "-t", "-p", "-Z", "-z"):
        yield Concern("`unzip` without `-l` or `-p` unpacks files", Action.WRITE)
    if not reading.operands:
        raise NotUnderstood("`unzip` lacks an archive")
    yield scope.ground.question(reading.operands[0], scope.folders)


def _gzip(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    looks = reading.has("-l", "-t", "--list", "--test") and not reading.has("-d", "--decompress")  # the last one wins
    if reading.operands and not looks and not reading.has("-c", "--stdout", "--to-stdout"):
        yield Concern(f"{show(reading.row.name)} without `-c` or `-l` replaces its file", Action.WRITE)


def _ar(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if len(reading.operands) != 2 or reading.operands[0].text not in ("t", "tv"):
        yield Concern("`ar` is only known as `ar t archive`", Action.WRITE)


def _printf(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.operands or not reading.operands[0].is_literal:
        raise NotUnderstood("`printf …`: a format has to be plain text")
    yield None


def _set(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if not reading.operands:
        yield Concern("`set` shows every variable, which may be secrets", Action.SECRETS, Risk.CRITICAL)
    for word in reading.operands:
        if not _SET_WORDS.match(word.text):
            raise NotUnderstood(f"{show(f'set {word}')} is not known")


def _exit(reading: Reading, scope: Scope) -> Iterator[Concern | None]:
    if any(not word.text.isdecimal() for word in reading.operands):
        raise NotUnderstood(f"{show(f'{reading.row.name} …')}: what stands there is calculated")
    yield None


CHECKS: dict[str, Check] = {
    "search": _search, "sed": _sed, "awk": _awk, "jq": _jq, "ps": _ps, "printenv": _printenv, "date": _date, "ip": _ip,
    "systemctl": _systemctl, "shows": _shows, "numeric": _numeric, "getent": _getent, "tar": _tar, "unzip": _unzip,
    "gzip": _gzip, "ar": _ar, "printf": _printf, "set": _set, "exit": _exit,
}  # fmt: skip
