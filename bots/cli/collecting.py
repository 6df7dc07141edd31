"""The garbage collector waits until a command has what it needs: whatever is imported stays, and looking through it again and
again took a tenth of a start."""

import gc


def collect_later() -> None:
    gc.disable()


def collect_from_now() -> None:
    """What is there by now is never looked through again."""
    gc.freeze()
    gc.enable()
