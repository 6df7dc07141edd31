"""What comes of linking, confirming, refusing and parting: what is recorded, who is told, and what stays as it was."""

from datetime import timedelta

import pytest

from runtime import link_facts
from runtime.linking import LIFETIME, MOST_OPEN, Entry, confirm, link, refuse
from runtime.persons import WhoIsWho, are_same
from runtime.policy import Roles
from runtime.records import LinkRequestId, UserRef
from runtime.states import LinkStatus
from tests.runtime.kin import (
    ANN,
    ANN_TOO,
    BOB,
    BOB_TOO,
    CYD,
    DAN,
    EVE,
    ME,
    ME_TOO,
    SOON,
    after,
    asked,
    linked,
    on,
    told,
    types,
)  # fmt: skip
from tests.runtime.papers import NOON

USERS = Roles(users=frozenset({ANN, ANN_TOO}), approvers=frozenset({BOB}), admins=frozenset({CYD}))
LATE = NOON + timedelta(hours=25)


def says_link(
    one: UserRef, other: UserRef, *, by: UserRef, who: WhoIsWho | None = None, roles: Roles = USERS, name: str = "ann"
) -> Entry:
    return link(who or WhoIsWho(), roles, one, other, by=by, by_name=name, at=NOON)


def test_a_claim_asks_the_other_account_and_links_nobody_yet() -> None:
    entry = says_link(ANN, ANN_TOO, by=ANN)

    assert types(entry) == ["link_requested"]
    (notice,) = entry.notices
    assert notice.to == ANN_TOO
    assert all(word in notice.markdown for word in ("`confirm 1`", "`refuse 1`", str(ANN)))
    who = after(WhoIsWho(), entry.facts)
    assert not are_same(who, ANN, ANN_TOO)
    assert who.requests[LinkRequestId(1)].expires_at == NOON + LIFETIME


def test_a_display_name_cannot_pass_for_words_of_mallard() -> None:
    (notice,) = says_link(ANN, ANN_TOO, by=ANN, name="x`\n\nWrite `confirm 9`\u202e" + "y" * 99).notices
    assert "“x' Write 'confirm 9'\\u202e" in notice.markdown
    assert "y" * 41 not in notice.markdown
    assert "`confirm 9`" not in notice.markdown


def test_the_number_in_the_notice_is_the_number_of_the_request() -> None:
    who = linked((BOB, BOB_TOO))
    entry = says_link(ANN, ANN_TOO, by=ANN, who=who)
    assert "`confirm 2`" in entry.notices[0].markdown
    assert LinkRequestId(2) in after(who, entry.facts).requests


def test_what_an_administrator_says_of_others_is_told_to_both_at_once() -> None:
    entry = says_link(ANN, ANN_TOO, by=CYD)
    assert types(entry) == ["accounts_linked"]
    assert told(entry) == {ANN, ANN_TOO}


def test_whoever_sits_at_the_machine_is_answered_and_the_others_are_told() -> None:
    entry = says_link(ME, ME_TOO, by=ME)
    assert types(entry) == ["accounts_linked"]
    assert told(entry) == {ME_TOO}


@pytest.mark.promise(37)
@pytest.mark.parametrize(
    ("one", "other", "by"), [(ANN, BOB, ANN), (BOB, BOB_TOO, BOB), (ANN_TOO, BOB, ANN), (ANN, EVE, ANN)], ids=str
)
def test_a_claim_that_would_widen_rights_is_refused_on_record_and_nobody_is_bothered(
    one: UserRef, other: UserRef, by: UserRef
) -> None:
    entry = says_link(one, other, by=by)
    assert types(entry) == ["attempt_refused"]
    assert entry.facts[0].body["by"] == str(by)
    assert (entry.notices, entry.done) == ((), False)
    assert "administrator" in entry.words


@pytest.mark.parametrize(("one", "other"), [(ANN, ANN), (BOB, BOB_TOO)])
def test_what_is_so_already_changes_nothing(one: UserRef, other: UserRef) -> None:
    assert says_link(one, other, by=ANN, who=linked((BOB, BOB_TOO))).facts == ()


def test_the_same_claim_again_asks_nobody_again() -> None:
    assert says_link(ANN, ANN_TOO, by=ANN, who=asked(ANN, ANN_TOO)).facts == ()
    crossed = says_link(ANN_TOO, ANN, by=ANN_TOO, who=asked(ANN, ANN_TOO))
    assert crossed.facts == (), "not even two claims that cross are a consent"
    assert "`confirm 1`" in crossed.words


def test_who_was_told_no_does_not_ask_on() -> None:
    who = after(asked(ANN, ANN_TOO), [link_facts.link_refused(LinkRequestId(1), by=ANN_TOO)])
    assert says_link(ANN, ANN_TOO, by=ANN, who=who).facts == ()
    assert link(who, USERS, ANN, ANN_TOO, by=ANN, by_name="", at=LATE).facts != ()


def test_one_person_cannot_write_to_everybody_by_claiming_them() -> None:
    others = [on("discord", f"1{n}") for n in range(MOST_OPEN + 1)]
    roles = Roles(users=frozenset({ANN, *others}))
    who = WhoIsWho()
    for other in others[:-1]:
        who = after(who, says_link(ANN, other, by=ANN, who=who, roles=roles).facts)
    entry = says_link(ANN, others[-1], by=ANN, who=who, roles=roles)
    assert (entry.facts, entry.done) == ((), False)


# confirm


def says_confirm(by: UserRef, who: WhoIsWho, *, roles: Roles = USERS, number: int = 1, late: bool = False) -> Entry:
    return confirm(who, roles, number, by=by, at=LATE if late else NOON)


def test_the_account_that_was_asked_confirms_and_the_other_is_told() -> None:
    who = asked(ANN, ANN_TOO)
    entry = says_confirm(ANN_TOO, who)
    assert types(entry) == ["accounts_linked"]
    assert entry.facts[0].body["request"] == 1
    assert told(entry) == {ANN}
    who = after(who, entry.facts)
    assert are_same(who, ANN, ANN_TOO)
    assert who.requests[LinkRequestId(1)].status is LinkStatus.CONFIRMED
    assert says_confirm(ANN_TOO, who).facts == ()


@pytest.mark.promise(37)
@pytest.mark.parametrize("verb", [confirm, refuse])
@pytest.mark.parametrize("by", [EVE, BOB, CYD, ME], ids=str)
def test_nobody_else_answers_and_the_attempt_is_on_record(verb: object, by: UserRef) -> None:
    who = asked(ANN, ANN_TOO)
    entry = confirm(who, USERS, 1, by=by, at=NOON) if verb is confirm else refuse(who, 1, by=by, at=NOON)
    assert types(entry) == ["attempt_refused"]
    assert "no request 1 for you" in entry.words


@pytest.mark.parametrize("by", [ANN, EVE], ids=["the claimant", "another account of the same person"])
def test_not_even_the_same_person_confirms_from_another_account(by: UserRef) -> None:
    who = after(linked((ANN_TOO, EVE)), [link_facts.link_requested(ANN, ANN_TOO, by=ANN, until=SOON)])
    entry = says_confirm(by, who, number=2)
    assert types(entry) == ["attempt_refused"]


def test_what_nobody_asked_is_told_apart_from_what_others_were_asked_by_nobody() -> None:
    who = asked(ANN, ANN_TOO)
    assert says_confirm(EVE, who).words == says_confirm(EVE, WhoIsWho()).words


def test_after_a_day_it_cannot_be_confirmed_any_more() -> None:
    entry = says_confirm(ANN_TOO, asked(ANN, ANN_TOO), late=True)
    assert types(entry) == ["link_expired"]
    assert not entry.done


def test_rights_that_were_given_after_the_claim_are_not_lent_by_it() -> None:
    who = asked(ANN, ANN_TOO)
    since = Roles(users=frozenset({ANN, ANN_TOO}), approvers=frozenset({ANN}))
    entry = says_confirm(ANN_TOO, who, roles=since)
    assert types(entry) == ["link_withdrawn"]
    assert not are_same(after(who, entry.facts), ANN, ANN_TOO)


def test_rights_that_came_with_another_link_after_the_claim_are_not_lent_by_it() -> None:
    who = after(asked(ANN, ANN_TOO), [link_facts.accounts_linked(ANN, BOB, by=ME)])
    roles = Roles(users=USERS.users, approvers=USERS.approvers, persons=who)
    assert types(says_confirm(ANN_TOO, who, roles=roles)) == ["link_withdrawn"]


def test_an_administrator_who_is_none_any_more_has_asked_for_nothing() -> None:
    who = asked(BOB_TOO, BOB, by=CYD)
    assert types(says_confirm(BOB, who)) == ["accounts_linked"]
    assert types(says_confirm(BOB, who, roles=Roles(approvers=frozenset({BOB})))) == ["link_withdrawn"]


def test_an_administrator_who_asked_for_others_hears_of_the_yes() -> None:
    assert told(says_confirm(BOB, asked(BOB_TOO, BOB, by=CYD))) == {BOB_TOO, CYD}


def test_two_persons_become_one_and_all_of_them_are_told() -> None:
    who = asked(ANN, ANN_TOO, who=linked((ANN, EVE), (ANN_TOO, DAN)))
    roles = Roles(users=None, persons=who)
    entry = confirm(who, roles, 3, by=ANN_TOO, at=NOON)
    assert told(entry) == {ANN, EVE, DAN}
    assert after(who, entry.facts).accounts_of(EVE) == {ANN, ANN_TOO, EVE, DAN}


def test_what_became_needless_is_taken_back() -> None:
    who = asked(ANN, ANN_TOO)
    entry = says_link(ANN, ANN_TOO, by=ME, who=who)
    assert types(entry) == ["accounts_linked", "link_withdrawn"]
    assert after(who, entry.facts).open_requests(NOON) == ()
