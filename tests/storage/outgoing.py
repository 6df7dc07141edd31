"""Deliveries, as a courier and the record see them."""

from runtime.records import Delivery, MessageRef
from tests.storage.desk import Desk


def statuses(desk: Desk) -> list[str]:
    return [row[0] for row in desk.store.database.read_rows("SELECT status FROM deliveries ORDER BY id")]


def posted(delivery: Delivery, id_: str = "100.1") -> MessageRef:
    return MessageRef(where=delivery.where, id=id_)
