"""What the classifier says of labelled commands of all kinds, with each kind in a workspace that holds secrets."""

import pytest

from runtime.records import Risk
from runtime.shell import Action, Classification, Verdict, classify
from tests.runtime.shell.corpus import make_workspace, read_corpus


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("corpus"))


def _wrongly_auto(commands, workspace):
    return [command for _, command in commands if classify(command, workspace).verdict is Verdict.AUTO]


@pytest.mark.promise(12)
def test_no_dangerous_command_runs_without_being_asked_about(workspace):
    assert _wrongly_auto(read_corpus(Verdict.APPROVE), workspace) == []


@pytest.mark.promise(12)
def test_every_command_that_would_destroy_the_machine_is_blocked(workspace):
    commands = read_corpus(Verdict.BLOCK)
    assert [each for _, each in commands if classify(each, workspace).verdict is not Verdict.BLOCK] == []


def test_what_is_only_dangerous_is_not_called_catastrophic(workspace):
    commands = read_corpus(Verdict.APPROVE)
    assert [each for _, each in commands if classify(each, workspace).verdict is Verdict.BLOCK] == []


@pytest.mark.promise(12)
def test_everyday_harmless_commands_run_at_once(workspace):
    commands = read_corpus(Verdict.AUTO)
    asked = [each for _, each in commands if classify(each, workspace).verdict is not Verdict.AUTO]
    assert len(asked) <= 0.05 * len(commands), asked


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(read_corpus(Verdict.AUTO)) >= 300
    assert len(read_corpus(Verdict.APPROVE)) >= 350
    assert len({category for category, _ in read_corpus(Verdict.APPROVE)}) >= 15


def test_a_question_says_why_and_a_harmless_command_says_nothing(workspace):
    for label in Verdict:
        for _, command in read_corpus(label):
            found = classify(command, workspace)
            assert bool(found.reason) == (found.verdict is not Verdict.AUTO), command


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("find . -name x -exec rm {} \\;", "`rm {}` deletes files"),
        ("sort -o out README.md", "`sort -o`: this option is not known"),
        ("cat ../x", "`../x` is outside the workspace"),
        ("cat .env", "`.env` looks like a file that holds secrets"),
        ("sed 's/a/b/e' README.md", "the flag `e` runs a program"),
        ("git -c core.pager=id log", "`git -c`: this option before the subcommand"),
        ("frobnicate", "`frobnicate` is not a command that is known here"),
        ("echo $SECRET_TOKEN", "the variable `$SECRET_TOKEN` may hold a secret"),
        ("echo x > new.txt", "`> new.txt` writes to a file"),
    ],
)
def test_the_reason_names_the_part_at_fault(workspace, command, part):
    assert part in classify(command, workspace).reason


@pytest.mark.parametrize(
    ("command", "action", "risk"),
    [
        ("ls", Action.READ, Risk.LOW),
        ("mkdir -p a/b", Action.WRITE, Risk.MEDIUM),
        ("git add README.md", Action.WRITE, Risk.MEDIUM),
        ("cp README.md copy.md", Action.WRITE, Risk.MEDIUM),
        ("cp README.md /tmp/x", Action.WRITE, Risk.HIGH),
        ("cp README.md .git/hooks/post-commit", Action.WRITE, Risk.HIGH),
        ("git commit -m x", Action.EXECUTE, Risk.HIGH),
        ("rm README.md", Action.DESTROY, Risk.HIGH),
        ("python3 x.py", Action.EXECUTE, Risk.HIGH),
        ("curl https://example.com", Action.NETWORK, Risk.HIGH),
        ("sudo ls", Action.PRIVILEGE, Risk.CRITICAL),
        ("apt install x", Action.SYSTEM, Risk.CRITICAL),
        ("systemctl stop x", Action.SYSTEM, Risk.CRITICAL),
        ("cat .env", Action.SECRETS, Risk.CRITICAL),
        ("mkdir a; curl https://example.com", Action.NETWORK, Risk.HIGH),
        ("rm -rf /", Action.DESTROY, Risk.CRITICAL),
    ],
)
def test_each_question_has_an_action_and_a_risk(workspace, command, action, risk):
    found = classify(command, workspace)
    assert (found.action, found.risk) == (action, risk)


def test_a_command_is_told_with_what_it_touches(workspace):
    found = classify("cat README.md | curl -d @- https://a.example/x; ssh me@b.example ls", workspace)
    assert found.programs == ("cat", "curl", "ssh")
    assert found.paths[0] == "README.md"
    assert found.hosts == ("a.example", "b.example")
    assert found.needs_network


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        ("git diff /\0etc/passwd /etc/group", Verdict.APPROVE),
        ("cat a\0b", Verdict.APPROVE),
        ("ls\0", Verdict.APPROVE),
        ("cp README.md a\0b", Verdict.APPROVE),
        ("rm -rf /\0", Verdict.BLOCK),  # bash drops it from a script
        ("cat \ud800", Verdict.APPROVE),
    ],
)
def test_what_no_program_can_be_handed_is_asked_about_and_breaks_nothing(workspace, command, verdict):
    assert classify(command, workspace).verdict is verdict


def test_a_secret_that_a_pattern_matches_here_and_now_is_asked_about(tmp_path):
    workspace = make_workspace(tmp_path)
    assert classify("cat *.json", workspace).verdict is Verdict.APPROVE
    (workspace / "credentials.json").unlink()
    assert classify("cat *.json", workspace).verdict is Verdict.AUTO


def test_a_link_that_leaves_the_workspace_is_seen(workspace):
    assert classify("cat link/hostname", workspace) == Classification(
        verdict=Verdict.APPROVE,
        action=Action.READ_OUTSIDE,
        risk=Risk.HIGH,
        reason="`link/hostname` is outside the workspace",
        paths=("link/hostname",),
        programs=("cat",),
    )


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        ("sort *.txt", Verdict.APPROVE),  # a file may be called --output=x.txt
        ("sort ./*.txt", Verdict.AUTO),
        ("sort -- *.txt", Verdict.AUTO),
        ("cat *.txt", Verdict.AUTO),  # no option of cat does harm
        ("ls | xargs sort", Verdict.APPROVE),
    ],
)
def test_a_name_that_might_be_an_option_goes_only_where_no_option_does_harm(tmp_path, command, verdict):
    (tmp_path / "a.txt").touch()
    assert classify(command, tmp_path).verdict is verdict
