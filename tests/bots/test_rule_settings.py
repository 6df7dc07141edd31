"""Rules as an operator writes them: read from mallard.toml, and where one is wrong, named with its line."""

import os
from pathlib import Path

import pytest

from bots.rules import policy_of, roles_of
from bots.settings import Settings, load_settings
from runtime.errors import SettingsError
from runtime.records import Risk, UserRef
from runtime.rules import Group, Rule, Then

ANNA = UserRef(platform="slack", space="T1", id="U1")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MALLARD_")]:
        monkeypatch.delenv(name)


def load(folder: Path, toml: str, env: str = "") -> Settings:
    (folder / ".env").write_text(env)
    (folder / "mallard.toml").write_text(toml)
    return load_settings(folder)


def test_rules_are_read_in_their_order_with_their_lines(tmp_path: Path) -> None:
    toml = """
# ours
[[rules]]  # the first
tool = "shell_exec_safe"
risk = "high"
workspace = ["site", "docs"]
conversation = "slack:T1/C1, slack:T1/C2"
person = ["slack:T1/U1", "approvers"]
then = "ask requester"
why = "only a test"

[[workspaces]]
name = "site"
path = "site"

[[rules]]
then = "deny"
"""
    settings = load(tmp_path, toml)
    assert policy_of(settings, roles_of(settings)).rules == (
        Rule(
            then=Then.ASK_REQUESTER, tools=("shell_exec_safe",), risk=Risk.HIGH, workspaces=("site", "docs"),
            conversations=("slack:T1/C1", "slack:T1/C2"), persons=(ANNA, Group.APPROVERS), why="only a test",
            place="mallard.toml, line 3",
        ),
        Rule(then=Then.DENY, place="mallard.toml, line 16"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "line", "words"),
    [
        ('then = "allow"', 3, "then is 'allow'. Right would be one of 'run', 'ask requester'"),
        ('tool = "x"', 2, "this rule lacks `then`. Right would be one of 'run'"),
        ('then = "run"\nrisk = "huge"', 4, "risk is 'huge'. Right would be 'none', 'low'"),
        ('then = "run"\nperson = "bob"', 4, "person is 'bob'. Right would be a list of people"),
        ('then = "run"\n\n# hm\ntool = []', 6, "tool is '[]'."),
        ('then = "run"\ntool = " , "', 4, "tool is"),
        ('then = "run"\nperson = []', 4, "person is '[]'."),
        ('then = "run"\nplace = "here"', 2, "this rule is wrong. Right would be a rule that has tool, risk"),
        ('then = "run"\ntol = "x"', 2, "there is no 'tol'"),
        ('then = "run"\nrisk = "critical"', 2, "`run` would change nothing here: no rule asks less of a critical call"),
    ],
)
def test_a_wrong_rule_is_named_with_its_line_and_what_is_right(
    tmp_path: Path, rule: str, line: int, words: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, f"\n[[rules]]\n{rule}\n")
    (said,) = str(raised.value).splitlines()
    assert said.startswith(f"mallard.toml, line {line}: ")
    assert words in said


def test_a_wrong_second_rule_is_named_and_not_the_first(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^mallard\.toml, line 5: then is 'no'\."):
        load(tmp_path, '[[rules]]\nthen = "run"\ntool = "x"\n[[rules]]\nthen = "no"\n')


def test_a_rule_behind_one_about_everything_is_refused_as_it_is_never_reached(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^mallard\.toml, line 3: this rule is never reached"):
        load(tmp_path, '[[rules]]\nthen = "ask approvers"\n[[rules]]\nthen = "deny"\ntool = "x"\n')


def test_rules_written_elsewhere_are_named_by_their_number(tmp_path: Path) -> None:
    toml = 'rules = [{then = "run", tool = "x"}, {then = "deny"}]'
    assert [rule.place for rule in load(tmp_path, toml).rules] == [
        "rule 1 of rules in mallard.toml", "rule 2 of rules in mallard.toml",
    ]  # fmt: skip
    settings = load(tmp_path, "", 'MALLARD_RULES=[{"then": "deny"}]')
    assert [rule.place for rule in settings.rules] == ["rule 1 of MALLARD_RULES in .env, line 1"]
    with pytest.raises(SettingsError, match=r"rules in mallard\.toml → 0 → then"):
        load(tmp_path, 'rules = [{then = "no"}]')


def test_what_wins_over_mallard_toml_is_not_given_its_lines(tmp_path: Path) -> None:
    settings = load(tmp_path, '[[rules]]\nthen = "run"\n', 'MALLARD_RULES=[{"then": "deny"}]')
    assert [(rule.then, rule.place) for rule in settings.rules] == [
        (Then.DENY, "rule 1 of MALLARD_RULES in .env, line 1")
    ]


def test_a_stricter_rule_about_critical_calls_is_fine(tmp_path: Path) -> None:
    toml = '[[rules]]\nthen = "{}"\nrisk = "critical"\n'
    for then in (Then.DENY, Then.ASK_OTHER_APPROVER):
        assert load(tmp_path, toml.format(then)).rules[0].then is then
    assert load(tmp_path, toml.format("run"), "MALLARD_ASK_CRITICAL=nobody").rules[0].then is Then.RUN
