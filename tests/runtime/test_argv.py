"""Words of a command: bash would read the very same ones, or there are none."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.shell.argv import argv_of

READ: dict[str, tuple[str, ...]] = {
    "git status": ("git", "status"),
    "  git   log  ": ("git", "log"),
    "git commit -m 'it is done; really'": ("git", "commit", "-m", "it is done; really"),
    'echo "a b"c \'d\'"e"': ("echo", "a bc", "de"),
    "echo '' x": ("echo", "", "x"),
    "./run.sh --port=8080 a@b,c%d+e:f_g": ("./run.sh", "--port=8080", "a@b,c%d+e:f_g"),
}
UNREAD = [
    "", " ", "git status; rm x", "git status && rm x", "git status | sh", "git status & rm x", "git status\nrm x",
    "git status > x", "git status < x", "git $x", "git ${x}", "git `x`", "git $(x)", 'git "$x"', 'git "`x`"', 'git "\\$x"',
    "git sta\\tus", "git *", "git a?", "git [ab]", "git {a,b}", "git ~", "git #x", "! git status", "FOO=1 git status",
    "'FOO=1' git", "if git", "time git", "{ git; }", "(git)", "git 'open", 'git "open', "git\tstatus", "git\u00a0status",
    "git \u202estatus", "git ѕtatus", "git status\r", "git 'é'", "git\x00", "-x git", "[ -f x ]", "git status #", "'' x",
    'echo "a!b"', "git status;", "coproc x", "git <(x)", "git $'x'", "[[ x ]]",
]  # fmt: skip


@pytest.mark.parametrize("command", READ)
def test_literal_words_are_read(command: str) -> None:
    assert argv_of(command) == READ[command]


@pytest.mark.parametrize("command", UNREAD)
def test_what_is_more_than_literal_words_has_none(command: str) -> None:
    assert argv_of(command) is None


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab'\" =-/.,$`\\;&|<>(){}[]*?~!#\n\t%"), max_size=14))
def test_bash_reads_the_same_words(text: str) -> None:
    command = f"prog {text}"
    words = argv_of(command)
    if words is not None:
        script = "prog() { printf '%s\\0' prog \"$@\"; }\n" + command
        said = subprocess.run(["bash", "-c", script], capture_output=True, check=True, text=True)
        assert tuple(said.stdout.split("\0")[:-1]) == words


def test_a_long_command_is_read_in_one_pass() -> None:
    assert argv_of("a" * 90_000 + "~") is None
    assert len(argv_of("a " * 45_000) or ()) == 45_000
