"""Who is whom is the sum of what was said, in order: linking joins persons, unlinking parts one account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import link_facts
from runtime.link_facts import LinkFact
from runtime.persons import UNLINKED, WhoIsWho, are_same
from runtime.records import LinkEvent, LinkRequestId, UserRef
from runtime.states import LinkStatus
from tests.runtime.kin import ANN, ANN_TOO, BOB, BOB_TOO, EVE, ME, PAIRS, SOON, after, asked, linked
from tests.runtime.papers import NOON

ACCOUNTS = [account for pair in PAIRS for account in pair]


def test_without_links_everybody_is_themselves_alone() -> None:
    for persons in (UNLINKED, WhoIsWho()):
        assert persons.accounts_of(ANN) == {ANN}
        assert are_same(persons, ANN, ANN)
        assert not are_same(persons, ANN, ANN_TOO)


def test_two_persons_who_turn_out_to_be_one_become_one_with_all_their_accounts() -> None:
    who = linked((ANN, ANN_TOO), (BOB, BOB_TOO), (ANN_TOO, BOB))
    assert who.accounts_of(BOB_TOO) == {ANN, ANN_TOO, BOB, BOB_TOO}
    assert who.persons() == ((ANN_TOO, BOB_TOO, ANN, BOB),)


def test_unlinking_parts_one_account_and_leaves_the_others_together() -> None:
    who = after(linked((ANN, ANN_TOO), (ANN, EVE)), [link_facts.account_unlinked(ANN, by=ME)])
    assert who.accounts_of(ANN) == {ANN}
    assert who.accounts_of(EVE) == {EVE, ANN_TOO}


class Naive:
    """The same, told with sets alone."""

    def __init__(self) -> None:
        self.persons = [{account} for account in ACCOUNTS]

    def of(self, account: UserRef) -> set[UserRef]:
        return next(person for person in self.persons if account in person)

    def link(self, one: UserRef, other: UserRef) -> None:
        first, second = self.of(one), self.of(other)
        if first is not second:
            self.persons.remove(second)
            first |= second

    def unlink(self, account: UserRef) -> None:
        self.of(account).discard(account)
        self.persons = [person for person in [*self.persons, {account}] if person]


account = st.sampled_from(ACCOUNTS)
deeds = st.lists(st.one_of(st.tuples(account, account), st.tuples(account)), max_size=12)


@given(deeds=deeds, split=st.integers(0, 12))
def test_whatever_is_linked_and_unlinked_everybody_is_one_person_with_whom_they_should(
    deeds: list[tuple[UserRef, ...]], split: int
) -> None:
    naive, facts = Naive(), list[LinkFact]()
    for deed in deeds:
        if len(deed) == 2:
            naive.link(*deed)
            facts.append(link_facts.accounts_linked(*deed, by=ME))
        else:
            naive.unlink(*deed)
            facts.append(link_facts.account_unlinked(*deed, by=ME))

    who = after(after(WhoIsWho(), facts[:split]), facts[split:])  # in one go, or as news comes in

    assert who.as_of == len(facts)
    for each in ACCOUNTS:
        assert who.accounts_of(each) == naive.of(each)
    assert {frozenset(person) for person in who.persons()} == {
        frozenset(person) for person in naive.persons if len(person) > 1
    }


@pytest.mark.parametrize(
    ("fact", "status"),
    [
        (link_facts.accounts_linked(ANN, ANN_TOO, by=ANN_TOO, request=LinkRequestId(1)), LinkStatus.CONFIRMED),
        (link_facts.link_refused(LinkRequestId(1), by=ANN_TOO), LinkStatus.REFUSED),
        (link_facts.link_expired(LinkRequestId(1)), LinkStatus.EXPIRED),
        (link_facts.link_withdrawn(LinkRequestId(1), by=ANN, why="taken back"), LinkStatus.WITHDRAWN),
    ],
)
def test_a_request_ends_once(fact: LinkFact, status: LinkStatus) -> None:
    who = after(asked(ANN, ANN_TOO), [fact])
    assert who.requests[LinkRequestId(1)].status is status
    assert who.open_requests(NOON) == ()
    with pytest.raises(KeyError):
        after(who, [link_facts.link_refused(LinkRequestId(1), by=ANN_TOO)])


def test_a_request_is_open_until_its_time() -> None:
    who = asked(ANN, ANN_TOO)
    (request,) = who.open_requests(NOON)
    assert (request.account, request.asked, request.by, request.expires_at) == (ANN, ANN_TOO, ANN, SOON)
    assert who.open_requests(SOON) == ()
    assert who.next_lapse() == SOON
    assert not are_same(who, ANN, ANN_TOO), "asking links nobody"


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("accounts_linked", {"account": "nobody", "other": "slack:T1/U1"}),
        ("accounts_linked", {}),
        ("link_refused", {"request": 9}),
        ("crowned", {}),
    ],
)
def test_what_cannot_have_happened_is_not_believed(type_: str, body: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        WhoIsWho().after([LinkEvent(number=1, type=type_, at=NOON, body=body)])
