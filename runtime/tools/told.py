"""What a command is told on its input."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def telling(words: bytearray, lasting: ExitStack) -> Iterator[int]:
    """The reading end of a pipe that holds one line, to be handed to a command in the block. The pipe ends with `lasting`."""
    theirs, ours = os.pipe()
    lasting.callback(os.close, ours)
    try:
        os.write(ours, words)  # a pipe has room for far more than a line
        os.write(ours, b"\n")
        yield theirs
    finally:
        os.close(theirs)
