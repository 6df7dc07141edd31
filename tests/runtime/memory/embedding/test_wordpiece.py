"""Texts become the pieces that the model was taught with. `wordpieces.json` was written by Hugging Face's `tokenizers` 0.23."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.memory.embedding.wordpiece import MAX_TOKENS, WordPiece, bert_wordpiece

BY_THE_LIBRARY: list[tuple[str, list[int]]] = json.loads(Path(__file__).with_name("wordpieces.json").read_bytes())
BEGIN, END = 101, 102

SMALL = WordPiece(
    {piece: number for number, piece in enumerate(["[UNK]", "[CLS]", "[SEP]", "un", "##deploy", "##able", "duck"])}
)


@pytest.mark.parametrize(("text", "ids"), BY_THE_LIBRARY, ids=range(len(BY_THE_LIBRARY)))
def test_pieces_are_those_of_the_models_own_tokenizer(text: str, ids: list[int]) -> None:
    assert bert_wordpiece().ids(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("undeployable duck", [1, 3, 4, 5, 6, 2]),
        ("undeployed", [1, 0, 2]),
        ("[SEP]", [1, 0, 0, 0, 2]),
        ("", [1, 2]),
    ],
)
def test_a_word_is_cut_into_its_longest_pieces_or_is_unknown_as_a_whole(text: str, ids: list[int]) -> None:
    assert SMALL.ids(text) == ids


@given(st.text())
def test_any_text_has_pieces_and_never_more_than_the_model_takes(text: str) -> None:
    ids = bert_wordpiece().ids(text * 5)
    assert (ids[0], ids[-1]) == (BEGIN, END)
    assert len(ids) <= MAX_TOKENS
    assert not {BEGIN, END} & set(ids[1:-1])
