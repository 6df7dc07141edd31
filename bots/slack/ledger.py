"""Streamed messages that this process writes and that carry no key yet: Slack takes one only when a stream ends."""

from runtime.records import ConversationRef, MessageRef


class StreamLedger:
    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], tuple[str, MessageRef]] = {}

    def record(self, message: MessageRef, key: str) -> None:
        self._keys[message.where.channel, message.id] = (key, message)

    def key_of(self, message: MessageRef) -> str:
        """The key that it should carry; "" when it carries one, or is not known here."""
        return self._keys.get((message.where.channel, message.id), ("", message))[0]

    def has(self, message: MessageRef) -> bool:
        return (message.where.channel, message.id) in self._keys

    def find(self, where: ConversationRef, key: str) -> MessageRef | None:
        return next(
            (ref for known, ref in self._keys.values() if known == key and ref.where.channel == where.channel), None
        )

    def forget(self, message: MessageRef) -> None:
        """It carries its key now."""
        self._keys.pop((message.where.channel, message.id), None)
