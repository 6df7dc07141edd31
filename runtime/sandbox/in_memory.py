"""Files that a launcher inherits and that stand nowhere on disk: of any length, and read by nobody else."""

import os
from contextlib import ExitStack


def in_memory(name: str, content: bytes, lasting: ExitStack) -> int:
    """The descriptor of such a file, at its beginning; open until `lasting` is closed."""
    descriptor = os.memfd_create(name)
    lasting.callback(os.close, descriptor)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
