"""Asking the person at the machine for a password."""

from typing import Protocol


class Passwords(Protocol):
    async def ask(self, command: str) -> bytearray | None:
        """What the person at this process's own terminal types, so that one command may run; None where nobody does in time.

        It is the caller's, who wipes it, and it is kept nowhere else. Cancelling takes the question back.
        """
        ...


def wipe(password: bytearray) -> None:
    """Leave nothing of it in memory."""
    password[:] = bytes(len(password))
