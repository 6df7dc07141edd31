"""What must be true once all is at rest, however often the process died on the way."""

import sqlite3
from collections import Counter
from pathlib import Path

from runtime.records import Effect
from storage.events import verify_chain
from tests.crashes.household import ANSWER, FACT, LESSON
from tests.crashes.wall import Standing, read_wall


def check_aftermath(
    folder: Path, effect: Effect, *, gated: bool = True, question: bool = False, thinks: bool = False
) -> None:
    """The record, the world and the wall. Raises AssertionError for the first promise that was broken."""
    if question:
        check_question(folder)
    else:
        check_record(folder, effect, gated=gated)
    if thinks:
        check_thoughts(folder)
    _check_wall(count_approvals(folder), read_wall(folder / "wall"))
    heard = folder / "clicks"  # who died before it could answer the only click has written nothing
    clicks = Counter(heard.read_text().splitlines() if heard.exists() else ())
    assert set(clicks) <= {"decided", "already_decided"}, f"a click was answered with {clicks}"


def count_approvals(folder: Path) -> int:
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM approvals").fetchone()[0])
    finally:
        connection.close()


def count_deeds(folder: Path) -> int:
    """How often the deed was done in the world."""
    return len(_keys(folder))


def _keys(folder: Path) -> list[str]:
    outside = folder / "outside"
    return outside.read_text().splitlines() if outside.exists() else []


def check_record(folder: Path, effect: Effect, *, gated: bool = True) -> None:
    """The record, and the world that a deed was done in."""
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        _check_run(connection)
        _check_deed(connection, folder, effect)
        _check_decisions(connection, gated=gated)
        assert list(verify_chain(connection)) == [], "the trail is broken"
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def check_question(folder: Path) -> None:
    """The record of a run that asked a question: it was answered once, and the answer is what the call observed."""
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        _check_run(connection)
        approvals = connection.execute(
            "SELECT a.kind, a.status, d.verdict, d.comment FROM approvals AS a JOIN decisions AS d ON d.approval_id = a.id"
        ).fetchall()
        assert approvals == [("question", "answered", "answer", "Yes, do")], f"the questions are {approvals}"
        (observation,) = connection.execute("SELECT observation FROM call_states").fetchone()
        assert "Ann answered: Yes, do" in observation, f"the call observed {observation}"
        assert list(verify_chain(connection)) == [], "the trail is broken"
    finally:
        connection.close()


def check_thoughts(folder: Path) -> None:
    """Each afterthought was done, and all that came of it is there once."""
    connection = sqlite3.connect(f"file:{folder / 'mallard.db'}?mode=ro", uri=True)
    try:
        kinds = connection.execute("SELECT kind, status FROM afterthoughts ORDER BY kind").fetchall()
        assert kinds == [("memory", "done"), ("reflection", "done")], f"the afterthoughts are {kinds}"
        memories = connection.execute("SELECT type, text FROM memories ORDER BY type").fetchall()
        assert memories == [("fact", FACT), ("lesson", LESSON)], f"the memories are {memories}"
        experiences = connection.execute(
            "SELECT m.text FROM experiences JOIN memories AS m ON m.id = lesson_id"
        ).fetchall()
        assert experiences == [(LESSON,)], f"the experiences are {experiences}"
        told = Counter(row[0] for row in connection.execute("SELECT type FROM events"))
        counts = {type_: told[type_] for type_ in _OF_THOUGHTS}
        assert counts == _OF_THOUGHTS, f"the events of the afterthoughts are {counts}"
    finally:
        connection.close()


_OF_THOUGHTS = {
    "memory_policy_decision": 1, "memory_stored": 2, "reflection_completed": 1, "memory_policy_failed": 0,
    "reflection_failed": 0,
}  # fmt: skip


def _check_run(connection: sqlite3.Connection) -> None:
    """The message was not lost, became one run, and was answered."""
    runs = connection.execute("SELECT status, answer FROM runs").fetchall()
    assert runs == [("completed", ANSWER)], f"the message became {runs}"
    states = connection.execute("SELECT state FROM call_states").fetchall()
    assert states == [("observed",)], f"the calls ended as {states}"
    left = connection.execute(
        "SELECT kind, status FROM deliveries WHERE status NOT IN ('sent', 'superseded')"
    ).fetchall()
    assert left == [], f"these were never delivered: {left}"


def _check_deed(connection: sqlite3.Connection, folder: Path, effect: Effect) -> None:
    """An external call ran at most once, and where nobody can know, a person was asked; any other ran under one key."""
    keys = _keys(folder)
    asked = connection.execute("SELECT status FROM approvals WHERE kind = 'outcome'").fetchall()
    if effect is Effect.EXTERNAL:
        assert len(keys) <= 1, f"an external call ran {len(keys)} times"
        assert asked in ([], [("answered",)]), f"the question what became of it is {asked}"
        assert keys or asked, "the call is said to have run, and did not"
    else:
        assert keys, "the call is said to have run, and did not"
        assert len(set(keys)) == 1, f"the call was repeated under other keys: {keys}"
        assert asked == [], "a call that can be repeated was asked about"


def _check_decisions(connection: sqlite3.Connection, *, gated: bool) -> None:
    """Each approval has one decision and one event of it."""
    permission = [("permission", "approved", "approve")] if gated else []
    approvals = connection.execute(
        "SELECT a.kind, a.status, d.verdict FROM approvals AS a LEFT JOIN decisions AS d ON d.approval_id = a.id ORDER BY a.id"
    ).fetchall()
    outcome = [("outcome", "answered", "mark_done")]
    assert approvals in (permission, permission + outcome), f"the approvals are {approvals}"
    decided = connection.execute("SELECT count(*) FROM events WHERE type = 'approval_decided'").fetchone()[0]
    assert decided == len(approvals), f"{len(approvals)} approvals have {decided} approval_decided"


def _check_wall(approvals: int, wall: list[Standing]) -> None:
    """Each card stands once and is closed; the answer stands once, whole, and nothing provisional beside it."""
    cards = [message for message in wall if message.card]
    assert [card.card for card in cards] == list(range(1, approvals + 1)), f"the cards are {cards}"
    for card in cards:
        assert not card.buttons, f"a card is still open: {card}"
        assert "by Ann" in card.closing, f"a card does not say who decided: {card}"
    texts = [message.text for message in wall if not message.card]
    assert texts == [ANSWER], f"what stands beside the cards is {texts}"
