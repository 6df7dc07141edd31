"""What goes wrong with a server."""

import asyncio


class ServerAway(Exception):
    """It cannot be asked anything at the moment, and nothing was. The message says why."""


class CutOff(Exception):
    """The connection ended in the middle of a request: nobody knows what became of it."""


class Refused(Exception):
    """The server answered that it will not. The message is the server's own."""


class Nonsense(Exception):
    """The server answered, but not in the protocol's terms."""


def words_of(error: BaseException) -> str:
    """What to say of whatever ended a connection, in words for an operator."""
    error = _innermost(error)
    answer = getattr(getattr(error, "error", None), "message", None)  # the SDK's, which is not to be loaded for this
    if answer is not None:
        return f"it answered: {answer}"
    match error:
        case ServerAway() | CutOff() | Refused() | Nonsense():
            return str(error)
        case TimeoutError():
            return "it did not answer in time"
        case FileNotFoundError(filename=name):
            return f"there is no {name}"
        case OSError(strerror=str(reason)):
            return f"it cannot be started: {reason}"
        case _:
            return f"{type(error).__name__}: {str(error)[:300]}" if str(error) else type(error).__name__


def check_not_cancelled() -> None:
    """Raises CancelledError where this task is to end. To be asked after whatever failed in the SDK: its groups of tasks raise
    that in place of a cancellation that comes at the same moment, and whoever went on then could not be ended any more."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
