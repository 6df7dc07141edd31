"""The words of the door, typed where only one person reads the answer."""

import pytest

from runtime.errands import answer_words
from runtime.records import ConversationRef, UserRef
from tests.platforms.recording import RecordingDoor

ALICE = UserRef(platform="slack", space="T1", id="UALICE")
POND = ConversationRef(platform="slack", space="T1", channel="C1")


@pytest.mark.parametrize("words", ["history", "History before 12", "RUN #3", "help", "options", "pending", "approvals"])
async def test_questions_are_answered_in_private(words: str) -> None:
    door = RecordingDoor()

    page = await answer_words(door, words, by=ALICE, where=POND)

    assert page is not None
    assert door.reads == [(words.lower(), ALICE, POND, True)]


@pytest.mark.promise(3)
@pytest.mark.parametrize("words", ["approve", "deny it please", "always"])
async def test_a_decision_that_names_no_approval_gets_the_list(words: str) -> None:
    door = RecordingDoor()

    assert await answer_words(door, words, by=ALICE, where=POND)
    assert door.reads == [("pending", ALICE, POND, True)]


@pytest.mark.parametrize("words", ["how large is the pond?", "approve 4", "deny 4: not today", "run away"])
async def test_requests_and_decisions_go_the_way_that_messages_go(words: str) -> None:
    door = RecordingDoor()

    assert await answer_words(door, words, by=ALICE, where=POND) is None
    assert door.asked == 0


async def test_stopping_and_changing_options_are_done_at_once() -> None:
    door = RecordingDoor()

    await answer_words(door, "stop!", by=ALICE, where=POND)
    await answer_words(door, "options debug on", by=ALICE, where=POND)

    assert door.stops == [(POND, ALICE)]
    assert door.options == [(POND, "debug", "on", ALICE)]
