"""What is written about who is whom."""

from datetime import datetime

from runtime.link_facts import LinkFact
from runtime.records import Notice
from storage import linking
from storage.acquainted import Acquainted


class People(Acquainted):
    """Implements `runtime.record_ports.People`."""

    async def record_people(
        self, facts: tuple[LinkFact, ...], notices: tuple[Notice, ...], at: datetime, *, as_of: int
    ) -> None:
        await self.database.write(lambda tx: linking.enter(tx, facts, notices, at, as_of=as_of))
