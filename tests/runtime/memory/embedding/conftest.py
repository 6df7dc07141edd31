"""The real model, loaded once."""

import pytest

from runtime.memory.embedding.minilm import MiniLM, load_minilm


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    return load_minilm()
