"""What holds at every moment, whoever does what in which order; and what holds once nothing is left to do."""

import re
import sqlite3
from collections import Counter
from pathlib import Path

from runtime.states import APPROVAL, CALL, DELIVERY, RUN
from storage.events import verify_chain
from tests.interleavings.board import Board
from tests.interleavings.deeds import KINDS, Outside, answer_to
from tests.interleavings.office import ANN, BOB, CYD

# Written by the database itself: no change of a state escapes it.
WATCHES = (
    "CREATE TABLE IF NOT EXISTS moves_seen (noun TEXT, id INTEGER, before TEXT, after TEXT)",
    *(
        f"""
        CREATE TRIGGER IF NOT EXISTS seen_{table} AFTER UPDATE OF {column} ON {table} WHEN OLD.{column} <> NEW.{column}
        BEGIN INSERT INTO moves_seen VALUES ('{table}', NEW.{key}, OLD.{column}, NEW.{column}); END
        """
        for table, column, key in (
            ("runs", "status", "id"), ("approvals", "status", "id"), ("deliveries", "status", "id"),
            ("call_states", "state", "call_id"),
        )
    ),
)  # fmt: skip

_EDGES = {
    table: {(before.value, after.value) for (before, _), after in states.items()}
    for table, states in (("runs", RUN), ("approvals", APPROVAL), ("deliveries", DELIVERY), ("call_states", CALL))
}


class Laws:
    """Reads what is committed, and the world outside. Every method raises AssertionError for a law that is broken."""

    def __init__(self, path: Path, board: Board, outside: Outside) -> None:
        self._connection = sqlite3.connect(path)
        for statement in WATCHES:
            self._connection.execute(statement)
        self._connection.commit()
        self._board, self._outside = board, outside

    def close(self) -> None:
        self._connection.close()

    def _rows(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchall()

    def approvals(self, status: str = "") -> list[tuple[int, str]]:
        """The approvals in that status, or all, each with its kind."""
        rows = self._connection.execute("SELECT id, kind FROM approvals WHERE status = ? OR ? = ''", (status, status))
        return [(int(id_), str(kind)) for id_, kind in rows]

    def are_all_at_rest(self) -> bool:
        runs = self._rows("SELECT 1 FROM runs WHERE status IN ('queued', 'running')")
        return not runs and not self._rows("SELECT 1 FROM deliveries WHERE status IN ('owed', 'sending')")

    def check_always(self) -> None:
        self._states_follow_the_tables()
        self._nothing_external_is_started_twice()
        self._nothing_runs_without_its_yes()
        self._one_run_works_in_a_conversation()
        self._decisions_are_told_once()
        self._nobody_decides_too_late()
        self._only_who_may_decides()
        self._whoever_waits_is_asked_for()
        self._nothing_expires_by_itself()
        self._no_ended_run_asks()
        self._no_ended_run_is_in_the_middle_of_a_call()
        self._settled_cards_are_closed_or_about_to_be()
        assert list(verify_chain(self._connection)) == [], "the trail is broken"

    def _states_follow_the_tables(self) -> None:
        for noun, id_, before, after in self._rows("SELECT * FROM moves_seen"):
            assert (before, after) in _EDGES[str(noun)], f"{noun} {id_} went from {before} to {after}"

    def _nothing_external_is_started_twice(self) -> None:
        external = Counter(key for name, key in self._outside.done if KINDS[name][0] == "external")
        twice = {key: times for key, times in external.items() if times > 1}
        assert not twice, f"done more than once: {twice}"

    def _nothing_runs_without_its_yes(self) -> None:
        approved = {row[0] for row in self._rows("SELECT call_id FROM approvals WHERE status = 'approved'")}
        granted = bool(self._rows("SELECT 1 FROM grants"))
        for name, key in self._outside.done:
            if KINDS[name][1] in ("none", "low") or (granted and name != "sell"):
                continue
            assert int(key.split(".")[1]) in approved, f"{name} ran as {key} without a yes"

    def _one_run_works_in_a_conversation(self) -> None:
        crowded = self._rows("SELECT conversation_id FROM runs WHERE status = 'running' GROUP BY 1 HAVING count(*) > 1")
        assert not crowded

    def _decisions_are_told_once(self) -> None:
        told = self._rows(
            """
            SELECT json_extract(p.body, '$.approval'), count(*) FROM events AS e JOIN payloads AS p USING (run_id, seq)
            WHERE e.type = 'approval_decided' GROUP BY 1 ORDER BY 1
            """
        )
        decided = self._rows("SELECT approval_id, 1 FROM decisions ORDER BY 1")
        assert told == decided, f"decided: {decided}; told: {told}"

    def _nobody_decides_too_late(self) -> None:
        late = self._rows(
            "SELECT a.id FROM approvals AS a JOIN decisions AS d ON d.approval_id = a.id WHERE d.at >= a.expires_at"
        )
        assert not late, f"these were decided after their time: {late}"

    def _only_who_may_decides(self) -> None:
        """Ann asks for everything; Bob and Cyd are approvers."""
        may = {"requester": {str(ANN), str(BOB), str(CYD)}, "approvers": {str(BOB), str(CYD)}}
        for number, requirement, by in self._rows(
            "SELECT a.id, a.requirement, d.decided_by FROM approvals AS a JOIN decisions AS d ON d.approval_id = a.id"
        ):
            assert by in may.get(str(requirement), may["approvers"]), f"{by} decided approval {number} ({requirement})"

    def _whoever_waits_is_asked_for(self) -> None:
        stuck = self._rows(
            """
            SELECT id FROM runs WHERE status = 'waiting'
            AND NOT EXISTS (SELECT 1 FROM approvals WHERE run_id = runs.id AND status = 'pending')
            """
        )
        assert not stuck, f"these runs wait, and nobody is asked: {stuck}"

    def _nothing_expires_by_itself(self) -> None:
        early = self._rows(
            """
            SELECT id FROM runs WHERE status = 'expired'
            AND NOT EXISTS (SELECT 1 FROM approvals WHERE run_id = runs.id AND status = 'expired')
            """
        )
        assert not early, f"these runs expired, and none of their cards did: {early}"

    def _no_ended_run_asks(self) -> None:
        asking = self._rows(
            """
            SELECT a.id, r.id, r.status FROM approvals AS a JOIN runs AS r ON r.id = a.run_id
            WHERE a.status = 'pending' AND r.status IN ('completed', 'failed', 'cancelled')
            """
        )
        assert not asking, f"these cards ask for runs that have ended: {asking}"

    def _no_ended_run_is_in_the_middle_of_a_call(self) -> None:
        left = self._rows(
            """
            SELECT t.id, t.tool, r.status FROM call_states AS s JOIN tool_calls AS t ON t.id = s.call_id
            JOIN runs AS r ON r.id = t.run_id
            WHERE s.state = 'started' AND t.effect = 'external' AND r.status IN ('completed', 'failed', 'cancelled')
            """
        )
        assert not left, f"nobody says what became of these calls: {left}"

    def _settled_cards_are_closed_or_about_to_be(self) -> None:
        open_ = self._rows(
            """
            SELECT d.id, a.id, a.status FROM deliveries AS d JOIN approvals AS a ON a.id = d.approval_id
            WHERE d.kind = 'card' AND d.status = 'sent' AND a.status <> 'pending'
            AND NOT EXISTS (SELECT 1 FROM deliveries AS u WHERE u.target_id = d.id AND u.status <> 'superseded')
            """
        )
        assert not open_, f"nothing will ever close these cards: {open_}"

    def check_at_rest(self, requests: dict[str, str]) -> None:
        """Once everything was recovered, let on and delivered. `requests` are texts by message id."""
        self.check_always()
        moving = self._rows("SELECT id, status FROM runs WHERE status IN ('queued', 'running')")
        assert not moving, f"these runs never come to rest: {moving}"
        owed = self._rows("SELECT id, kind, status, error FROM deliveries WHERE status IN ('owed', 'sending')")
        assert not owed, f"these are never delivered: {owed}"
        became = Counter(str(row[0]) for row in self._rows("SELECT message_id FROM runs"))
        assert became == dict.fromkeys(requests, 1), "a message was lost, or became two runs"
        self._cards_say_what_is()
        self._answers_stand_once_and_whole()

    def _cards_say_what_is(self) -> None:
        stands = {
            id_: (status, run, latest)
            for id_, status, run, latest in self._rows(
                """
                SELECT a.id, a.status, r.status, s.approval_id = a.id FROM approvals AS a
                JOIN runs AS r ON r.id = a.run_id JOIN call_states AS s ON s.call_id = a.call_id
                """
            )
        }
        dead = {row[0] for row in self._rows("SELECT approval_id FROM deliveries WHERE status = 'dead'")}
        for message, card in self._board.cards():
            if card.approval_id in dead:
                continue  # the board refuses to have it edited
            status, run, latest = stands[card.approval_id]
            verbs = {button.verb for button in card.buttons}
            if status == "pending":
                assert verbs & {"approve", "mark_done"}, (
                    f"nobody can decide approval {card.approval_id} on {message.id}"
                )
            elif status == "expired" and run == "expired" and latest:
                assert verbs == {"again"}, f"approval {card.approval_id} cannot be asked again on {message.id}: {verbs}"
            else:
                again = {"again"} if (status, run) == ("expired", "expired") else set()
                assert verbs <= again, (
                    f"approval {card.approval_id} is {status}, its run {run}: {message.id} shows {verbs}"
                )

    def _answers_stand_once_and_whole(self) -> None:
        # Where the board refused, the answer went to the person alone, or nowhere; what was provisional may stand.
        refused = {
            row[0] for row in self._rows("SELECT run_id FROM deliveries WHERE status = 'dead' OR form <> 'full'")
        }
        # A text that was cut off says too little to tell whose answer it begins: its delivery does.
        theirs = {str(delivery): run for delivery, run in self._rows("SELECT id, run_id FROM deliveries")}
        texts = [(text, theirs.get(key.split(".")[1])) for key, text in self._board.texts()]
        for run, status, request in self._rows("SELECT id, status, request FROM runs"):
            answer = answer_to(str(request))
            saying = [
                text
                for text, owner in texts
                if str(request) in text or (text and owner == run and answer.startswith(text))
            ]
            if status == "completed" and run not in refused:
                assert len(saying) == 1, f"run {run} was answered {len(saying)} times: {saying}"
                assert saying[0].startswith(answer), f"run {run} was answered with {saying[0]!r}"
            elif status != "completed" and run not in refused:
                assert not saying, f"run {run} is {status}, and yet it says {saying}"
            if status in ("failed",) and run not in refused:
                assert any(re.search(rf"\(run {run}\)", text) for text, _ in texts), f"run {run} failed in silence"
