"""What a start is spared, so that a command is there soon."""

import gc
import os


def begin_quickly() -> None:
    """Before a command imports what it needs."""
    gc.disable()  # whatever is imported stays, and looking through it again and again took a tenth of a start
    # To find plugins, pydantic would read what every installed package says of itself. Who wants them sets it otherwise.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def collect_from_now() -> None:
    """What is there by now is never looked through again."""
    gc.freeze()
    gc.enable()
