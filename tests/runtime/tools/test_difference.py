"""A preview is a diff that really leads from what is there to what would be."""

import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.tools.difference import difference

TEXT = st.lists(st.sampled_from(["a", "b", "c", "", "-d", "+e", "@@"]), max_size=40).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])])
)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_following_the_diff_gives_the_new_text(before: str, after: str) -> None:
    assert _followed(before, difference(before, after, "f")) == after


def test_a_new_file_is_all_additions() -> None:
    assert difference(None, "a\nb\n", "f") == "--- (new file)\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b"


def test_a_missing_last_newline_is_said() -> None:
    assert difference("a\n", "a", "f").splitlines()[3:] == ["-a", "+a", "\\ No newline at end of file"]


def test_no_change_is_no_diff() -> None:
    assert difference("a\n", "a\n", "f") == ""


def test_changes_far_apart_stand_in_hunks_of_their_own() -> None:
    before = [str(n) for n in range(60)]
    after = [*before]
    after[5], after[50] = "five", "fifty"

    shown = difference("\n".join(before), "\n".join(after), "f").splitlines()

    assert [line for line in shown if line.startswith("@@")] == ["@@ -3,7 +3,7 @@", "@@ -48,7 +48,7 @@"]


def test_patch_understands_it(tmp_path: Path) -> None:
    before = "".join(f"line {n}\n" for n in range(40))
    after = before.replace("line 3\n", "").replace("line 20\n", "line 20\nmore\n") + "end"
    (tmp_path / "f").write_text(before)

    subprocess.run(
        ["git", "apply", "--unsafe-paths", "-p0", "-"],
        input=difference(before, after, "f") + "\n",
        cwd=tmp_path,
        check=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
    )

    assert (tmp_path / "f").read_text() == after


def test_a_huge_rewrite_is_still_a_true_diff() -> None:
    before = "".join(f"old {n % 7}\n" for n in range(20_000))
    after = "".join(f"new {n % 5}\n" for n in range(20_000))

    assert _followed(before, difference(before, after, "f")) == after


def _followed(before: str, diff: str) -> str:
    """The text that a reader gets who follows the diff by hand."""
    if not diff:
        return before
    old = before.split("\n")
    if not old[-1]:
        old.pop()
    ends_open = not before.endswith("\n") and before != ""
    made: list[str] = []
    position, last_new_open = 0, ends_open
    lines = diff.split("\n")[2:]
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        match line[:1]:
            case "@":
                start, count = (int(part) for part in line.split()[1][1:].split(","))
                upto = start - 1 if count else start
                made += old[position:upto]
                position = upto
            case " ":
                assert old[position] == line[1:]
                made.append(line[1:])
                position += 1
            case "-":
                assert old[position] == line[1:]
                position += 1
                if following.startswith("\\"):
                    last_new_open = False
            case "+":
                made.append(line[1:])
                if following.startswith("\\"):
                    last_new_open = True
    made += old[position:]
    return "\n".join(made) + ("\n" if made and not last_new_open else "")
