"""Limits that a shell puts on itself before it becomes the command: every machine that has a shell has these."""

from collections.abc import Sequence

from runtime.sandbox.profiles import Limits


def limited(argv: Sequence[str], limits: Limits, *, shell: Sequence[str], processes: int | None) -> tuple[str, ...]:
    """The command behind its limits. `shell` begins a command line without start-up files; `processes` is None where the
    kernel would not hold this user to it, or the shell cannot say it."""
    settings = {
        "c": 0,
        "t": limits.cpu_s,
        "f": limits.file // 512 if shell[0].endswith("/sh") else limits.file // 1024,
        "n": limits.open_files,
        "d": limits.memory // 1024,
    }
    if processes is not None and not shell[0].endswith("/sh"):
        settings["u"] = processes
    lines = [f"ulimit -{option} {value} || exit 126" for option, value in settings.items()]
    return (*shell, "-c", "\n".join([*lines, 'exec "$@"']), "limits", *argv)
