"""What happens when a command fails: a sentence and an exit status, never a traceback."""

import logging
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from bots.cli.starting import begin_quickly
from runtime.errors import MallardError

FAILED = 1
BROKEN = 70  # EX_SOFTWARE: this is a bug of ours
INTERRUPTED = 130


class Commands(TyperGroup):
    """Turns what a command raises into words."""

    def invoke(self, ctx: Any) -> Any:
        begin_quickly()
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()  # the reader left; Python would complain about it once more on its way out
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, (typer.Exit, typer.Abort)) or hasattr(error, "format_message"):
                raise  # Typer's own: wrong usage, and asking to leave
            raise typer.Exit(_tell(error)) from None


def _tell(error: BaseException) -> int:
    """Say what went wrong, in as many sentences as there were faults. Returns the exit status."""
    if isinstance(error, BaseExceptionGroup):
        return max(_tell(each) for each in error.exceptions)
    status, words = FAILED, str(error)
    if isinstance(error, OSError):
        words = f"{error.filename or 'The system'}: {error.strerror or error}."
    elif not isinstance(error, MallardError):
        status = BROKEN
        words = (
            f"This is a fault of Mallard's own: {type(error).__name__}: {error}. Nothing acknowledged is lost by it."
        )
        logging.getLogger("bots").debug("the fault", exc_info=error)
    typer.secho(words, err=True, fg=typer.colors.RED)
    return status
