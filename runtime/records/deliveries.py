"""Messages that are owed to conversations."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from runtime.records.ids import ApprovalId, DeliveryId, JsonObject, RunId
from runtime.records.places import ConversationRef, MessageRef, UserRef
from runtime.states import DeliveryStatus

# Under rate limits the smaller number goes first: approval traffic before everything else.
URGENCY: Mapping[str, int] = {"card": 0, "card_update": 1, "answer": 2, "notice": 3, "page": 3, "timeline": 4}


class Delivery(Struct, frozen=True, kw_only=True):
    """A message owed to a conversation. `body` is what it says where the record alone cannot tell.

    `sent` are the messages it became so far. `form` is `full`, or `text` or `direct` once the full form could not be
    delivered. `tried_before` says that it may stand already. For an update of a card, the `target`, `sent` and `created_at`
    are the card's.
    """

    id: DeliveryId
    run_id: RunId | None
    approval_id: ApprovalId | None
    target: DeliveryId | None
    where: ConversationRef
    direct: bool
    person: UserRef
    kind: str
    body: JsonObject
    status: DeliveryStatus
    attempts: int
    form: str
    sent: tuple[MessageRef, ...]
    tried_before: bool
    created_at: datetime
