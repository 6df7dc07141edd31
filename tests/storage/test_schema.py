"""The schema knows the same words as the code, and its guards are the tables."""

import re
from enum import StrEnum

import pytest

from runtime.link_facts import LinkEventType
from runtime.memory.records import MemoryScope, MemoryType
from runtime.records import ApprovalKind, DeniedBy, Effect, GrantScope, Reasoning, Requirement, Risk, Verdict
from runtime.states import (
    APPROVAL,
    CALL,
    DELIVERY,
    RUN,
    AfterthoughtStatus,
    ApprovalStatus,
    CallState,
    DeliveryStatus,
    RunStatus,
    S,
    Table,
    from_statuses,
    to_status,
)
from storage.guards import guard, move
from storage.migrate import known_migrations

WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("runs", "status"): RunStatus,
    ("runs", "reasoning"): Reasoning,
    ("tool_calls", "effect"): Effect,
    ("tool_calls", "risk"): Risk,
    ("call_states", "state"): CallState,
    ("call_states", "denied_by"): DeniedBy,
    ("approvals", "kind"): ApprovalKind,
    ("approvals", "status"): ApprovalStatus,
    ("approvals", "requirement"): Requirement,
    ("decisions", "verdict"): Verdict,
    ("decisions", "grant_scope"): GrantScope,
    ("grants", "scope"): GrantScope,
    ("deliveries", "status"): DeliveryStatus,
    ("afterthoughts", "status"): AfterthoughtStatus,
    ("link_events", "type"): LinkEventType,
    ("memories", "scope"): MemoryScope,
    ("memories", "type"): MemoryType,
}
# Lists that no enum of the code has: kinds and forms of deliveries are named where they are made.
NO_ENUM = {("deliveries", "kind"), ("deliveries", "form")}


def lists_of_schema() -> dict[tuple[str, str], set[str]]:
    """Every CHECK (column IN ('…')), and CHECK (column = '…' OR column = '…'), of the migrations."""
    script = "\n".join(migration.sql for migration in known_migrations())
    found = {}
    for table, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\) STRICT", script, re.DOTALL):
        for column, words in re.findall(r"CHECK \((\w+)\s+IN\s*\(([^)]*'[^)]*)\)\)", body):
            found[table, column] = set(re.findall(r"'(\w+)'", words))
        for column, more in re.findall(r"CHECK \(\s*(\w+) = '\w+'((?:\s+OR\s+\w+ = '\w+')+)\)", body):
            assert set(re.findall(r"(\w+) =", more)) == {column}, f"{table}.{column} is compared with others"
            found[table, column] = set(re.findall(rf"CHECK \(\s*{column} = '(\w+)'", body)) | set(
                re.findall(r"'(\w+)'", more)
            )
    return found


@pytest.mark.parametrize(("place", "words"), WORDS.items(), ids=[".".join(place) for place in WORDS])
def test_a_list_in_the_schema_is_the_list_in_the_code(place: tuple[str, str], words: type[StrEnum]) -> None:
    assert lists_of_schema()[place] == {word.value for word in words}


def test_no_list_in_the_schema_was_forgotten_here() -> None:
    assert set(lists_of_schema()) == set(WORDS) | NO_ENUM


@pytest.mark.parametrize("table", [RUN, APPROVAL, CALL, DELIVERY], ids=["run", "approval", "call", "delivery"])
def test_guards_are_the_tables(table: Table[S]) -> None:
    for _, trigger in table:
        names = " OR ".join(f"s = '{status.value}'" for status in from_statuses(table, trigger))
        assert guard(table, trigger, "s") == f"({names})"
        assert move(table, trigger, "s") == f"s = '{to_status(table, trigger).value}'"
