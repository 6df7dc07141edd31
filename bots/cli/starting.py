"""What a start is spared, so that a command is there soon."""

import gc
import os


def begin_quickly() -> None:
    """Before a command imports what it needs."""
    gc.disable()  # whatever is imported stays, and looking through it again and again took a tenth of a start
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # it reads what every package says of itself to find them


def collect_from_now() -> None:
    """What is there by now is never looked through again."""
    gc.freeze()
    gc.enable()
