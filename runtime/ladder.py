"""The forms in which something is delivered, from the one it should have to one that reaches at least somebody."""

from collections.abc import Mapping
from datetime import timedelta

from runtime.openings import opens_conversation
from runtime.pauses import LONGEST_PAUSE
from runtime.records import Delivery

TRIES = 6  # of one form, before the next form is tried
LOOKS = 12  # of those that could not even look whether an earlier one stands already: about half an hour
_NEXT: Mapping[tuple[str, str], str] = {
    ("card", "full"): "text",
    ("card", "text"): "direct",
    ("card_update", "full"): "text",
    ("answer", "full"): "direct",
    ("notice", "full"): "direct",
}


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4 … seconds, at most five minutes."""
    return min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)


def plainer(delivery: Delivery) -> str | None:
    """The form that comes after the delivery's own; None after the last one."""
    return _NEXT.get((delivery.kind, delivery.form))


def leaves_somebody_waiting(delivery: Delivery) -> bool:
    """Whether an administrator has to know that a delivery reaches nobody."""
    return delivery.kind in ("card", "answer") or opens_conversation(delivery)


def words_for_admins(delivery: Delivery, error: str) -> str:
    """What an administrator is told of it."""
    if opens_conversation(delivery):
        return f"{delivery.person} asked for something, and I could not answer them: {error}."
    return (
        f"I could not deliver the {delivery.kind} of run {delivery.run_id} to {delivery.person}, "
        f"anywhere: {error}. `run {delivery.run_id}` shows what happened."
    )
