"""What becomes of a file that came with a message."""

import pytest

from runtime.attachments import as_text, decoded
from runtime.records import Attachment

NOTE = Attachment(name="note.txt", media_type="text/plain", size=5)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain", "plain"),
        ("\ufeffwith a mark".encode(), "with a mark"),
        ("sixteen".encode("utf-16"), "sixteen"),
        ("Übermut".encode("cp1252"), "Übermut"),
        (b"", ""),
        (b"a\0b", None),
        (bytes(range(1, 32)) * 10, None),
    ],
)
def test_texts_are_known_by_their_bytes(content: bytes, text: str | None) -> None:
    assert decoded(content) == text


def test_a_long_text_is_cut_and_says_so() -> None:
    read = as_text(NOTE, b"quack" * 300, 1_000)

    assert read.text == ("quack" * 200)
    assert read.note == "only its first 1,000 characters of 1,500 were read"


def test_what_is_not_text_says_so_by_name() -> None:
    read = as_text(NOTE, b"\x89PNG\0", 1_000)

    assert read.text is None
    assert read.note == "note.txt was not read: it is not text"
