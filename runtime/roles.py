"""Who may talk, decide and see all."""

from collections.abc import Collection

from msgspec import Struct

from runtime.persons import UNLINKED, Persons, are_same
from runtime.records import ConversationRef, UserRef

LOCAL = "terminal"  # whoever sits at the machine owns it: a user, an approver and an administrator


class Roles(Struct, frozen=True, kw_only=True):
    """Who may talk, decide, and see all. `users` is None where everybody may talk who is at home there.

    Who is named is named with all accounts that are the same person's. What belongs to a place stays with it: being at
    the machine, or at home in a workspace, is not handed on to a person's other accounts.
    """

    users: frozenset[UserRef] | None = frozenset()
    approvers: frozenset[UserRef] = frozenset()
    admins: frozenset[UserRef] = frozenset()
    persons: Persons = UNLINKED

    def may_talk(self, person: UserRef, where: ConversationRef | None = None) -> bool:
        """Whether they may, in this conversation. Guests from another workspace have to be named one by one."""
        if person.platform == LOCAL or self._is_among(person, self.approvers, self.admins):
            return True
        if self.users is None:
            return where is None or not person.space or person.space == where.space
        return self._is_among(person, self.users)

    def is_approver(self, person: UserRef) -> bool:
        return person.platform == LOCAL or self._is_among(person, self.approvers)

    def is_admin(self, person: UserRef) -> bool:
        return person.platform == LOCAL or self._is_among(person, self.admins)

    def are_same(self, one: UserRef, other: UserRef) -> bool:
        """Whether these are accounts of one person."""
        return are_same(self.persons, one, other)

    def lends(self, giver: UserRef, taker: UserRef) -> bool:
        """Whether being one person with the giver would give an account of the taker a right that it has not."""
        takers = self.persons.accounts_of(taker)
        return (
            (self._is_among(giver, self.users or ()) and not all(self.may_talk(each) for each in takers))
            or (self._is_among(giver, self.approvers) and not all(self.is_approver(each) for each in takers))
            or (self._is_among(giver, self.admins) and not all(self.is_admin(each) for each in takers))
        )

    def _is_among(self, person: UserRef, *lists: Collection[UserRef]) -> bool:
        accounts = self.persons.accounts_of(person)
        return any(account in names for names in lists for account in accounts)
