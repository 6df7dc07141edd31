"""Lines from a pipe: one after another, with keys that need a number."""

from pathlib import Path

from tests.bots.conftest import Mallard


def test_lines_from_a_pipe_are_worked_one_after_the_other(mallard: Mallard, workspace: Path) -> None:
    result = mallard("chat", stdin="run: echo once >> log.txt\nyes\napprove 1\nread log.txt\n")
    assert result.returncode == 0
    assert "[a 1] Approve" in result.stdout
    assert (workspace / "log.txt").read_text() == "once\n"
    assert "\x1b" not in result.stdout
    assert result.stdout.index("Approval 1 is still waiting") < result.stdout.index("Approved by")
    assert result.stdout.rstrip().endswith("```")


def test_who_speaks_through_a_pipe_is_told_that_no_language_model_answers(mallard: Mallard, workspace: Path) -> None:
    result = mallard("chat", stdin="list files\n")
    assert "No language model is configured" in result.stderr
    assert "MALLARD_MODEL_BASE_URL and MALLARD_MODEL_NAME" in result.stderr

    timeline = mallard("run", "1").stdout
    assert "the built-in planner did the work of the action model" in timeline
    assert "answered in" not in timeline


def test_up_without_a_terminal_and_without_tokens_reads_lines(mallard: Mallard, workspace: Path) -> None:
    result = mallard("up", stdin="list files\n")
    assert result.returncode == 0
    assert "notes.txt" in result.stdout


def test_a_key_from_a_pipe_needs_a_number(mallard: Mallard, workspace: Path) -> None:
    result = mallard("chat", stdin="run: echo once >> log.txt\na\n")
    assert "From a pipe, keys need a number: a 1." in result.stderr
    assert not (workspace / "log.txt").exists()


def test_a_pipe_that_leaves_a_card_open_has_the_status_of_one_that_waits(mallard: Mallard, workspace: Path) -> None:
    left = mallard("chat", stdin="run: echo once >> log.txt\nlist files\n")
    assert left.returncode == 3
    assert left.stderr.endswith("Run 1 waits for a decision: mallard approvals\n")
    assert mallard("chat", stdin="list files\n").returncode == 0, "that card is of another pipe"
    assert mallard("chat", stdin="approve 1\n").returncode == 0
