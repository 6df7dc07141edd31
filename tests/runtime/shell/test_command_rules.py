"""Administrators' rules."""

import pytest

from runtime.shell import Verdict, classify, read_pattern, read_rules

_RULES = read_rules(
    allow=["npm test", "npm run *", "make **", "rm **", "cat **"], deny=["npm run deploy", "curl **", "git push **"]
)


@pytest.mark.parametrize(
    ("pattern", "argv", "fits"),
    [
        ("npm test", ["npm", "test"], True),
        ("npm test", ["npm", "test", "--x"], False),
        ("npm run *", ["npm", "run", "lint"], True),
        ("npm run *", ["npm", "run"], False),
        ("make **", ["make"], True),
        ("make **", ["make", "-j", "4"], True),
        ("make **", ["/usr/bin/make"], True),
        ("make **", ["./make"], False),
        ("git log --format=*", ["git", "log", "--format=%h"], True),
        ("git log a?", ["git", "log", "ab"], False),
    ],
)
def test_a_pattern_is_compared_word_by_word(pattern, argv, fits):
    assert read_pattern(pattern).fits(argv) is fits


@pytest.mark.parametrize(
    "command", ["npm test", "npm run lint", "make -j4", "npm test 2>/dev/null | tail -5", "cd src && make"]
)
def test_what_an_administrator_allows_runs_at_once_and_says_so(tmp_path, command):
    (tmp_path / "src").mkdir()
    found = classify(command, tmp_path, rules=_RULES)
    assert found.verdict is Verdict.AUTO
    assert found.allowed_by


@pytest.mark.parametrize(
    "command",
    [
        "npm test --x", "npm test > out.txt", "npm test $(id)", "npm run $X", "npm test; frobnicate", "X=1 npm test",
        "sudo npm test", "npm run *", "npm run $$", 'npm run "$(cat x)"', "./npm test", "npm test &", "bash -c 'npm test'",
    ],
)  # fmt: skip
def test_an_allowance_covers_a_command_that_is_understood_to_the_last_word_and_nothing_around_it(tmp_path, command):
    assert classify(command, tmp_path, rules=_RULES).verdict is Verdict.APPROVE


@pytest.mark.parametrize(
    "command", ["npm run deploy", "curl x", "ls; curl x", "timeout 5 curl x", "echo $(curl x)", "sudo git push -f"]
)
def test_a_denial_wins_wherever_the_command_stands(tmp_path, command):
    found = classify(command, tmp_path, rules=_RULES)
    assert found.verdict is Verdict.BLOCK
    assert "administrator" in found.reason


@pytest.mark.promise(12)
@pytest.mark.parametrize("command", ["rm -rf /", "cat x > /dev/sda", "npm test; rm -rf ~"])
def test_no_allowance_lifts_a_block(tmp_path, command):
    assert classify(command, tmp_path, rules=_RULES).verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("", "names no program"),
        ("**", "names no program"),
        ("* x", "begins with '*'"),
        ("./run.sh", "begins with './run.sh'"),
        ("npm ** x", "only stand at the end"),
        ("npm 'x", "cannot be read"),
        ("ls | wc", "one command"),
    ],
)
def test_a_pattern_that_is_wrong_is_named(pattern, wrong):
    with pytest.raises(ValueError, match=wrong.replace("*", r"\*")):
        read_pattern(pattern)
