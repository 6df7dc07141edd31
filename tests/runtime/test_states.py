"""The state tables: what may follow what, and that the page about them says the same."""

from enum import StrEnum

import pytest

from runtime.states import (
    AFTERTHOUGHT,
    APPROVAL,
    CALL,
    DELIVERY,
    LINK,
    RUN,
    AfterthoughtStatus,
    ApprovalStatus,
    CallState,
    DeliveryStatus,
    LinkStatus,
    RunStatus,
    Table,
    from_statuses,
    is_terminal,
    to_status,
)
from tests.state_page import MACHINES, PAGE, render

EVERY: list[tuple[Table, type[StrEnum]]] = [
    (RUN, RunStatus),
    (APPROVAL, ApprovalStatus),
    (CALL, CallState),
    (DELIVERY, DeliveryStatus),
    (AFTERTHOUGHT, AfterthoughtStatus),
    (LINK, LinkStatus),
]
each_machine = pytest.mark.parametrize(("table", "statuses"), EVERY, ids=[kind.__name__ for _, kind in EVERY])


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "write it anew: python -m tests.state_page"


def test_the_page_has_every_machine_and_explains_no_trigger_that_is_gone() -> None:
    assert [machine.table for machine in MACHINES] == [table for table, _ in EVERY]
    for machine in MACHINES:
        assert set(machine.meaning) == {trigger for _, trigger in machine.table}


@each_machine
def test_every_status_is_reached_or_is_where_it_begins(table: Table, statuses: type[StrEnum]) -> None:
    (born,) = [machine.born for machine in MACHINES if machine.table is table]
    reached = {status.value for status in table.values()} | set(born)
    # A call is ruled on in the moment in which it is proposed: no row ever stands there.
    assert {status.value for status in statuses} - reached <= {CallState.PROPOSED.value}


@each_machine
def test_a_trigger_leads_to_one_status_wherever_it_starts(table: Table, statuses: type[StrEnum]) -> None:
    for _, trigger in table:
        before, after = from_statuses(table, trigger), to_status(table, trigger)
        assert all(table[status, trigger] == after for status in before)
        assert len(before) == sum(name == trigger for _, name in table)


@each_machine
def test_an_unknown_trigger_is_a_mistake(table: Table, statuses: type[StrEnum]) -> None:
    with pytest.raises(KeyError):
        from_statuses(table, "wished")
    with pytest.raises(KeyError):
        to_status(table, "wished")


def test_what_has_ended_stays_ended() -> None:
    ends = {kind.__name__: {s.value for s in kind if is_terminal(table, s)} for table, kind in EVERY}
    assert ends == {
        "RunStatus": {"completed", "failed", "cancelled"},
        "ApprovalStatus": {"approved", "denied", "changes_requested", "answered", "expired", "withdrawn"},
        "CallState": {"observed"},
        "DeliveryStatus": {"sent", "dead", "superseded"},
        "AfterthoughtStatus": {"done", "failed"},
        "LinkStatus": {"confirmed", "refused", "expired", "withdrawn"},
    }
