"""Entering what was decided about who is whom, with what people are told of it: one transaction."""

from collections.abc import Iterable
from datetime import datetime

from runtime.link_facts import LinkEventType, LinkFact
from runtime.linking import lapse
from runtime.persons import WhoIsWho
from runtime.records import ConversationRef, Notice
from runtime.signals import Signal
from storage.links import PEOPLE, append, bring_up_to_date, check_unchanged
from storage.outbox import owe, place_conversation
from storage.transaction import Transaction


def enter(
    tx: Transaction, facts: Iterable[LinkFact], notices: Iterable[Notice], at: datetime, *, as_of: int | None = None
) -> None:
    """Record facts and owe notices. With `as_of`, only where nothing happened since: raises PeopleChanged."""
    if as_of is not None:
        check_unchanged(tx, as_of)
    for fact in facts:
        number, head = append(tx, at, fact)
        tx.trails.extend_heads(PEOPLE, number, head)
        if fact.type is LinkEventType.LINK_REQUESTED:
            tx.wake(Signal.EXPIRY)
    for notice in notices:
        conversation_id = place_conversation(tx, ConversationRef.alone_with(notice.to), direct=True)
        owe(
            tx, at, kind="notice", conversation_id=conversation_id, person=str(notice.to),
            body={"markdown": notice.markdown},
        )  # fmt: skip


def lapse_due(tx: Transaction, at: datetime) -> int:
    """End the requests that nobody answered in time. Returns how many."""
    entry = lapse(bring_up_to_date(WhoIsWho(), tx), at)
    enter(tx, entry.facts, entry.notices, at)
    return len(entry.facts)
