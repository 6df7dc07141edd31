"""Dangerous commands in other clothes: however they are written, nobody is spared the question."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.shell import Verdict, classify
from tests.runtime.shell.corpus import make_workspace, read_corpus

_CERTAIN = [
    command
    for label in (Verdict.APPROVE, Verdict.BLOCK)
    for category, command in read_corpus(label)
    if category not in ("broken or odd", "look-alike and hidden characters")
    and "\n" not in command
    and "#" not in command
]
_LOOK_ALIKES = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "i": "і", "s": "ѕ", "-": "‐", "/": "∕"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("mutations"))


def _quote_one_word(command, draw):
    words = command.split(" ")
    at = draw(st.integers(0, len(words) - 1))
    if not re.fullmatch(r"[\w./=:-]+", words[at], re.ASCII):  # in quotes a look-alike is another word, as below
        return command
    cut = draw(st.integers(0, len(words[at])))
    left, right = words[at][:cut], words[at][cut:]
    forms = [f"'{left}'{right}", f'"{left}"{right}', f"{left}''{right}", f'{left}""{right}', f"$'{left}'{right}"]
    if right:
        forms.append(f"{left}\\{right}")
    words[at] = draw(st.sampled_from(forms))
    return " ".join(words)


def _wrap(command, draw):
    return draw(
        st.sampled_from(
            [
                "timeout 5 {}", "nice {}", "env {}", "command {}", "time {}", "sudo {}", "nohup {}", "xargs {}", "({})",
                "{{ {}; }}", "! {}", "echo $({})", 'echo "$({})"', "cat <({})",
                "if true; then {}; fi", "for i in 1 2; do {}; done",
                "while false; do {}; done", "case x in x) {};; esac", "ls && {}", "ls || {}", "ls; {}", "ls | {}", "{} | cat",
                "{}; ls", "ls & {}", "x=$({})", "ls\n{}", "stdbuf -oL {}", "find . -exec {} \\;", "[[ -n $({}) ]]",
                "cat <<E\n$({})\nE", "eval {}", "f() {{ {}; }}; f", "echo ok; {} 2>/dev/null", "LC_ALL=C {}",
            ]
        )
    ).format(command)  # fmt: skip


def _space(command, draw):
    return command.replace(" ", draw(st.sampled_from(["  ", "\t", " \t "])))


def _comment(command, draw):
    return draw(st.sampled_from(["{} # nothing", ": # nothing\n{}", "# nothing\n{}", "{} #\nls"])).format(command)


def _hide_a_character(command, draw):
    at = draw(st.integers(0, len(command)))
    return (
        command[:at]
        + draw(st.sampled_from("​\u00a0\u3164\u2800\U000e0101\u180b\u202e\r\v\f\x00\ufeff\u2028"))
        + command[at:]
    )


def _look_alike(command, draw):
    places = [index for index, letter in enumerate(command) if letter in _LOOK_ALIKES]
    if not places or {"'", '"'} & set(command):  # in quotes it is another word, and maybe a harmless one
        return command
    at = draw(st.sampled_from(places))
    return command[:at] + _LOOK_ALIKES[command[at]] + command[at + 1 :]


def _join_lines(command, draw):
    at = draw(st.integers(0, len(command)))
    return command[:at] + "\\\n" + command[at:]


_MUTATIONS = [_quote_one_word, _wrap, _space, _comment, _hide_a_character, _look_alike, _join_lines]


@st.composite
def disguised(draw):
    command = draw(st.sampled_from(_CERTAIN))
    for mutation in draw(st.lists(st.sampled_from(_MUTATIONS), min_size=1, max_size=3)):
        command = mutation(command, draw)
    return command


@pytest.mark.promise(12)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=disguised())
def test_a_dangerous_command_in_disguise_is_still_asked_about(workspace, command):
    assert classify(command, workspace).verdict is not Verdict.AUTO


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.text(alphabet="ls rm-fcatx$(){}[]<>|&;'\"`\\\n#*?~!=/.0a,:@%", max_size=40))
def test_any_text_at_all_gets_a_verdict(workspace, command):
    assert classify(command, workspace).verdict in Verdict


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    "unseen", ["\u00a0", "\u3164", "\u2800", "\u180b", "\ufe0f", "\u200d", "\U000e0101", "\U000e0fff", "\U0002fffe"]
)
def test_what_nobody_sees_is_asked_about_even_where_it_only_reads(workspace, unseen):
    assert classify(f"echo 'a{unseen}b'", workspace).verdict is Verdict.APPROVE


@pytest.mark.parametrize("emoji", ["👩\u200d💻", "❤\ufe0f", "1\ufe0f\u20e3"])
def test_an_emoji_is_not_asked_about(workspace, emoji):
    assert classify(f"echo '{emoji}'", workspace).verdict is Verdict.AUTO
