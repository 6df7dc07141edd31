"""Units that write ducks, and units that write one and fail."""

from pathlib import Path

from runtime.signals import Signal
from storage.transaction import Transaction, Unit
from tests.storage.desk import look


def duck(number: int, *wakes: Signal) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (?)", (number,))
        tx.wake(*wakes)
        return number

    return unit


def ducks(path: Path) -> list[int]:
    return [row[0] for row in look(path, "SELECT n FROM ducks ORDER BY n")]


def fails_after_writing(error: Exception) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (100)")
        raise error

    return unit


def asks_wrongly(sql: str, *parameters: object) -> Unit[int]:
    def unit(tx: Transaction) -> int:
        tx.execute("INSERT INTO ducks (n) VALUES (100)")
        tx.execute(sql, parameters)
        return 100

    return unit
