"""What leaves a trail of who is whom."""

from datetime import timedelta

from runtime.link_facts import account_unlinked, accounts_linked, attempt_refused, link_refused, link_requested
from runtime.records import LinkRequestId
from tests.storage.desk import ALICE, BOB, Desk, asks


async def meet(desk: Desk) -> None:
    """Accounts are linked, asked about, and parted, between other things that come to rest."""
    until = desk.now + timedelta(hours=1)
    for facts in (
        [accounts_linked(ALICE, BOB, by=ALICE)],
        [link_requested(ALICE, BOB, by=ALICE, until=until), link_refused(LinkRequestId(2), by=BOB)],
        [account_unlinked(BOB, by=ALICE)],
        [attempt_refused("confirm", "request 2", by=BOB, why="not asked")],
    ):
        await desk.store.record_people(tuple(facts), (), desk.now, as_of=desk.store.who_is_who.as_of)
        await desk.suspend(asks())
