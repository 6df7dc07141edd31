"""Pages: their tokens are what the door understands, and a long run is told page by page without a gap."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.commands import ShowHistory, ShowRun, read_command
from runtime.facts import EventType, Fact
from runtime.pages import TIMELINE, history_page, pending_page, timeline_of
from runtime.proposals import RunLine
from runtime.records import RunId
from runtime.states import RunStatus
from runtime.tokens import read_token
from tests.runtime.papers import ALICE, NOON, POND, a_call, a_run, a_step, an_approval
from tests.storage.desk import open_desk


def line(number: int, request: str = "please") -> RunLine:
    return RunLine(
        id=RunId(number), where=POND, direct=False, asked_by=ALICE, request=request, status=RunStatus.COMPLETED,
        created_at=NOON,
    )  # fmt: skip


def test_a_history_names_each_run_and_opens_it() -> None:
    page = history_page([line(9), line(8, "first\nsecond")], newer=True, older=True, title="Your runs")

    assert [entry.text for entry in page.entries] == [
        "run 9 · completed · 2030-05-01 12:00 UTC",
        "run 8 · completed · 2030-05-01 12:00 UTC",
    ]
    assert page.entries[1].detail == "first second"
    assert [read_command(entry.token) for entry in page.entries] == [ShowRun(number=9), ShowRun(number=8)]
    assert read_command(page.older) == ShowHistory(before=8)
    assert read_command(page.newer) == ShowHistory(after=9)
    assert page.note == ""


def test_at_the_ends_of_a_history_there_is_no_way_on() -> None:
    page = history_page([line(1)], newer=False, older=False, title="Your runs")
    assert (page.older, page.newer) == ("", "")
    empty = history_page([], newer=True, older=True, title="Your runs")
    assert (empty.older, empty.newer, empty.entries, empty.note) == ("", "", (), "No runs yet.")


@pytest.mark.promise(18)
def test_pending_approvals_say_what_and_open_their_card() -> None:
    run = a_run(a_step(a_call()))
    page = pending_page([(an_approval(expires_at=NOON + timedelta(hours=1)), run)], installation="abcdef01")

    (entry,) = page.entries
    assert entry.text == "approval 4 · shell · run 7"
    assert entry.detail == "make\nasked by Alice on 2030-05-01 12:00 UTC, expires on 2030-05-01 13:00 UTC"
    token = read_token(entry.token)
    assert token is not None
    assert (token.approval_id, token.verb) == (4, "open")
    assert "approve <id>" in page.note
    assert "button" not in page.note, "a terminal has keys"
    assert pending_page([], installation="abcdef01").note == "Nothing waits for a decision."


@pytest.mark.promise(12)
def test_nothing_hides_in_the_words_that_a_pending_approval_is_listed_with() -> None:
    calls = (
        a_call(arguments={"command": words}) for words in ("rm\u00a0-rf\u2028x\r", "ls" + " " * 400 + "; rm -rf x")
    )
    pages = [pending_page([(an_approval(), a_run(a_step(call)))], installation="abcdef01") for call in calls]

    assert [page.entries[0].detail.split("\n")[0] for page in pages] == ["rm\\u00a0-rf\\u2028x\\u000d", "ls…"]


async def test_a_long_run_is_told_page_by_page_without_a_gap(tmp_path: Path) -> None:
    async with open_desk(tmp_path / "mallard.db") as desk:
        claimed = await desk.start()
        said = [Fact(EventType.COMMAND_AUDIT, {"number": number}) for number in range(2 * TIMELINE)]
        await desk.store.record_outside(claimed.run.id, tuple(said), desk.now)
        total = len(desk.events_of(claimed.run)) + len(desk.store.load_events(claimed.run.id, after=64))

        told, after = 0, 0
        while True:
            page = timeline_of(desk.store, desk.run(claimed.run), after=after)
            told += len(page.entries)
            command = read_command(page.older)
            if command is None:
                break
            assert isinstance(command, ShowRun)
            assert command.after == after + TIMELINE
            after = command.after

        assert told == total == 2 * TIMELINE + 1
        assert read_command(page.newer) == ShowRun(number=claimed.run.id)
        assert page.title == f"Run {claimed.run.id} · running"
