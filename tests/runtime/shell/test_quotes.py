"""A reason quotes what was written, and not what the reader put in the place of what only the shell will know."""

import pytest

from runtime.shell import Verdict, classify, read_rules
from tests.runtime.shell.corpus import make_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("quotes"))


def test_where_the_shell_stands_is_known_to_the_last_digit(tmp_path):
    workspace = make_workspace(tmp_path / "7")
    assert classify('ls "$PWD"; cat $PWD/README.md', workspace).verdict is Verdict.AUTO


@pytest.mark.parametrize(
    ("command", "quoted"),
    [
        ("kill -9 $$", "`kill -9 $$` ends"),
        ('kill -9 "$$"', "`kill -9 $$` ends"),
        ("kill $! $-", "`$!` is a kind of expansion"),
        ("kill $?", "`kill $?` ends"),
        ("kill $#", "`kill $#` ends"),
        ("rm $0", "`rm $0` deletes"),
        ('rm "$1"', "`rm $1` deletes"),
        ("rm $LINENO a$RANDOM.txt", "`rm $LINENO a$RANDOM.txt` deletes"),
        ("rm ${#name}", "`rm ${#name}` deletes"),
        ("rm $HOME/x", "`rm $HOME/x` deletes"),
        ("rm $((1 + 2)) a$((3)).txt", "`rm $((1 + 2)) a$((3)).txt` deletes"),
        ("rm -$((9)) x", "`rm -$((9)) x` deletes"),
        ("ls -$((9))", "`ls -$((9))`: this option"),
        ("sort --sort=$((9)) --output=$((9))", "`sort --output=$((9))`: this option"),
        ("rm {a,$$}", "`rm a $$` deletes"),
        ("rm $(date +%s) `date +%s`", "`rm $(date +%s) 'date +%s'` deletes"),
        ("rm $(cat README.md)", "`rm $(cat README.md)` deletes"),
        ("cp <(ls) x", "`cp <(ls) x` copies"),
        ("find . -exec rm $$ {} \\;", "`rm $$ {}` deletes"),
        ("ls | xargs -I@ rm a@", "`rm a@` deletes"),
        ("n=$$; rm $n", "`rm $n` deletes"),
        ("n=a$$; rm $n", "`rm $n` deletes"),
        ('n="a $$"; rm $n/x', "`rm $n/x $n/x` deletes"),
        ("for ((i=0;i<3;i++)); do rm a$i; done", "`rm a$i` deletes"),
        ('while read f; do rm "$f"; done', "`rm $f` deletes"),
        ("N=$$ make", "the variable in `N=$$` can"),
        ("N=$(ls) make", "the variable in `N=$(ls)` can"),
        ("env N=$((7)) make", "the variable in `N=$((7))` can"),
        ("cat /$((1))/x", "`/$((1))/x` is outside"),
        ("cat ~/$((1))", "`~/$((1))` is outside"),
        ("cat ../*$((1))", "`../*$((1))` is outside"),
        ("for f in ../$((1)).*; do echo; done", "`../$((1)).*` is outside"),
        ("test -f /$((1))", "`/$((1))` is outside"),
        ("[[ README.md -nt /$((1)) ]]", "`/$((1))` is outside"),
        ("cat < /$((1))", "`/$((1))` is outside"),
        ("cd /$((1))", "`cd /$((1))`: where this leads"),
        ("cat <<< $(cat /$((1)))", "`/$((1))` is outside"),
        ("cat <<E\n$(cat /$((1)))\nE", "`/$((1))` is outside"),
        ("find /$((1))", "`/$((1))` is outside"),
        ("tar -tf /$((1))", "`/$((1))` is outside"),
        ("git diff -- /$((1))", "`/$((1))` is outside"),
        ("git -C /$((1)) log", "`/$((1))` is outside"),
        ("git show HEAD:../$((1))", "`HEAD:../$((1))` is outside"),
        ("git tag v$((1))", "`git tag v$((1))` makes"),
        ("git config a.$((1))", "`git config a.$((1))` may"),
        ("sed -n $((1))w README.md", "`sed $((1))w`: its command"),
        ("awk $((1))@ README.md", "`awk $((1))@`: `@` can"),
        ("jq $((1))+env README.md", "`jq $((1))+env`: `env`"),
        ("dd if=/dev/zero of=/dev/sda bs=$((1024 * 1024))", "of=/dev/sda bs=$((1024 * 1024))` overwrites"),
        ("rm -rf $HOME", "`rm -rf $HOME` deletes"),
        ("rm -rf / $(ls)", "`rm -rf / $(ls)` deletes"),
    ],
)
def test_what_only_the_shell_will_know_is_quoted_as_it_was_written(workspace, command, quoted):
    assert quoted in classify(command, workspace).reason


def test_what_a_command_says_of_its_own_variables_is_told_as_it_is(workspace):
    assert classify("place=../pond; cat $place/x", workspace).reason == "`../pond/x` is outside the workspace"
    assert classify("for n in 7 8; do rm a$n; done", workspace).reason == "`rm a$n` deletes files"
    assert classify("rm 7", workspace).reason == "`rm 7` deletes files"


def test_a_rule_is_held_against_what_is_known_and_not_against_how_it_was_written(workspace):
    rules = read_rules([], ["ls *README*"])
    assert classify("ls README.md", workspace, rules=rules).verdict is Verdict.BLOCK
    assert classify("ls $(cat README.md)", workspace, rules=rules).verdict is not Verdict.BLOCK
