"""A record that knows who is whom."""

from functools import cached_property

from runtime.persons import WhoIsWho
from runtime.records import UserRef
from storage.database import Database
from storage.links import bring_up_to_date
from storage.opened import Opened


class Acquaintance:
    """Who is whom, in memory. It is looked for news whenever anybody has committed anything, in whatever process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._who = WhoIsWho()
        self._version: int | None = None

    def now(self) -> WhoIsWho:
        version = self._database.version()
        if version != self._version:
            self._who = bring_up_to_date(self._who, self._database.reader)
            self._version = version
        return self._who


class Acquainted(Opened):
    """Implements `runtime.persons.Persons`."""

    @cached_property
    def _acquaintance(self) -> Acquaintance:
        return Acquaintance(self.database)

    @property
    def who_is_who(self) -> WhoIsWho:
        return self._acquaintance.now()

    def accounts_of(self, user: UserRef) -> frozenset[UserRef]:
        return self.who_is_who.accounts_of(user)
