"""The terminal behind the platform port: what is printed, what is not printed twice, and what waits."""

import errno
import io
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bots.terminal.platform import TerminalPlatform
from bots.terminal.screens import KeptScreen, PlainScreen
from runtime.contents import Page, Text
from runtime.errors import PlatformUnavailable
from runtime.ports import StreamRequest
from runtime.records import ConversationRef, MessageRef, RunId, UserRef
from tests.bots.cards import make_card

ANNA = UserRef(platform="terminal", id="anna")
ELSEWHERE = ConversationRef(platform="terminal", channel="elsewhere")


class Paper(PlainScreen):
    """A screen that streams, to be read afterwards: what Mallard says, and in brackets what the terminal says."""

    streams = True

    def __init__(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        super().__init__(self.out, self.err)


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
def terminal(paper: Paper) -> TerminalPlatform:
    return TerminalPlatform(paper, user=ANNA)


def request(where: ConversationRef) -> StreamRequest:
    return StreamRequest(run_id=RunId(1), where=where, direct=True, asked_by=ANNA, message_id="m", key="k")


async def test_what_belongs_to_another_conversation_waits_for_its_window(
    terminal: TerminalPlatform, paper: Paper
) -> None:
    with pytest.raises(PlatformUnavailable) as caught:
        await terminal.post(ELSEWHERE, Text(markdown="for you alone"), key="k")
    assert caught.value.retry_after is not None  # so that it never falls back to another form
    with pytest.raises(PlatformUnavailable):
        await terminal.edit(MessageRef(where=ELSEWHERE, id="m"), make_card(closing="Approved.", verbs=()))
    assert paper.out.getvalue() == paper.err.getvalue() == ""


@pytest.mark.promise(10)
async def test_a_card_that_is_settled_leaves_the_screen_and_says_so_once(
    terminal: TerminalPlatform, paper: Paper
) -> None:
    card = make_card(4)
    message = await terminal.post(terminal.where, card, key="k")
    assert list(terminal.cards) == [4]
    closed = replace(card, closing="Approved by ben.", buttons=())
    for _ in range(2):
        await terminal.edit(message, closed)
    assert not terminal.cards
    assert paper.err.getvalue() == "Card 4: Approved by ben.\n"


@pytest.mark.promise(10)
async def test_a_card_that_was_decided_while_it_was_on_its_way_is_not_printed_as_open(
    terminal: TerminalPlatform, paper: Paper
) -> None:
    card = make_card(4)
    terminal.show(card)  # as whoever comes in sees what waits
    terminal.close_card(replace(card, closing="Approved by anna.", buttons=()))
    shown = paper.out.getvalue()

    await terminal.post(terminal.where, card, key="k")

    assert paper.out.getvalue() == shown
    assert not terminal.cards


@pytest.mark.parametrize("page_first", [False, True])
async def test_a_decision_that_was_typed_here_is_told_once(
    terminal: TerminalPlatform, paper: Paper, *, page_first: bool
) -> None:
    message = await terminal.post(terminal.where, make_card(4), key="k")
    shown_before = paper.out.getvalue()
    closed = make_card(4, closing="Approved by anna", verbs=())
    page = Page(title="Approval 4", entries=(), note="Approved by anna.")
    if page_first:
        await terminal.post(terminal.where, page, key="l")
    await terminal.edit(message, closed)
    if not page_first:
        await terminal.post(terminal.where, page, key="l")
    said = paper.out.getvalue().removeprefix(shown_before) + paper.err.getvalue()
    assert said.count("Approved by anna") == 1
    late = Page(title="Approval 4", entries=(), note="This was settled before you: Approved by anna")
    await terminal.post(terminal.where, late, key="m")
    assert "This was settled before you" in paper.out.getvalue()


async def test_a_card_of_an_earlier_session_is_closed_as_well(terminal: TerminalPlatform, paper: Paper) -> None:
    unknown = MessageRef(where=terminal.where, id="from before the restart")
    await terminal.edit(unknown, make_card(4, closing="Denied by ben.", verbs=()))
    assert paper.err.getvalue() == "Card 4: Denied by ben.\n"


async def posted(_: MessageRef) -> None:
    pass


async def test_a_streamed_answer_is_printed_block_by_block_and_once(terminal: TerminalPlatform, paper: Paper) -> None:
    stream = terminal.open_stream(request(terminal.where))
    await stream.begin_answer("k", posted)
    for piece in ("one\ntw", "o\n\n", "```\nthr", "ee\n\n"):
        await stream.append(piece)
    assert paper.out.getvalue() == "one\ntwo\n\n"
    answer = "one\ntwo\n\n```\nthree\n\nfour\n```"
    assert await stream.finish_answer(answer)
    assert paper.out.getvalue() == f"{answer}\n"
    assert stream.message is not None
    await terminal.edit(stream.message, Text(markdown=answer))
    assert paper.out.getvalue() == f"{answer}\n"


async def test_an_answer_that_became_another_one_is_printed_whole(terminal: TerminalPlatform, paper: Paper) -> None:
    stream = terminal.open_stream(request(terminal.where))
    await stream.begin_answer("k", posted)
    await stream.append("provisional\n\nand so on\n")
    assert not await stream.finish_answer("committed")
    assert stream.message is not None
    await terminal.edit(stream.message, Text(markdown="committed"))
    assert paper.out.getvalue() == "provisional\n\ncommitted\n"


class Full(io.StringIO):
    """A file on a disk without room: from `full_after` on nothing gets through."""

    full_after = 0

    def write(self, text: str) -> int:
        if text and self.tell() >= self.full_after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


@pytest.mark.promise(9)
async def test_what_cannot_be_printed_is_to_be_brought_later(terminal: TerminalPlatform, paper: Paper) -> None:
    terminal.screen = PlainScreen(Full(), Full())
    with pytest.raises(PlatformUnavailable, match="No space left"):
        await terminal.post(terminal.where, make_card(4), key="k")
    with pytest.raises(PlatformUnavailable, match="No space left"):
        await terminal.edit(MessageRef(where=terminal.where, id="m"), make_card(4, closing="Approved.", verbs=()))
    assert not terminal.cards, "what nobody can see is not open"


@pytest.mark.parametrize("full_after", [0, 1])
async def test_an_answer_that_cannot_be_printed_while_it_is_written_is_to_be_brought_whole(
    terminal: TerminalPlatform, full_after: int
) -> None:
    sheet = Full()
    sheet.full_after = full_after
    terminal.screen = PlainScreen(sheet)
    terminal.screen.streams = True
    stream = terminal.open_stream(request(terminal.where))
    await stream.begin_answer("k", posted)
    for piece in ("one\n\n", "two\n\n", "three\n"):
        await stream.append(piece)
    assert not await stream.finish_answer("one\n\ntwo\n\nthree")
    assert (stream.message is not None) is bool(full_after)


async def test_a_card_that_stands_on_the_screen_is_not_printed_again(terminal: TerminalPlatform, paper: Paper) -> None:
    for _ in range(2):
        await terminal.post(terminal.where, make_card(4), key="k")
    assert paper.out.getvalue().count("[a 4] Approve") == 1


@pytest.mark.promise(28)
async def test_a_streamed_answer_cannot_steer_the_terminal(terminal: TerminalPlatform, paper: Paper) -> None:
    stream = terminal.open_stream(request(terminal.where))
    await stream.begin_answer("k", posted)
    await stream.append("\x1b]52;c;ZXZpbA==\x07\n\n\x1b\n")
    assert await stream.finish_answer("\x1b]52;c;ZXZpbA==\x07\n\n\x1b\n[2J")
    assert "\x1b" not in paper.out.getvalue()
    assert "\x07" not in paper.out.getvalue()


async def test_the_answer_of_another_conversation_is_not_streamed_here(
    terminal: TerminalPlatform, paper: Paper
) -> None:
    stream = terminal.open_stream(request(ELSEWHERE))
    await stream.status("Thinking…")
    await stream.begin_answer("k", posted)
    await stream.append("for you alone\n\nall of it\n")
    assert not await stream.finish_answer("for you alone\n\nall of it\n")
    assert paper.out.getvalue() == ""
    assert not terminal.statuses


async def test_signs_of_activity_end_with_the_work(terminal: TerminalPlatform) -> None:
    stream = terminal.open_stream(request(terminal.where))
    await stream.status("Thinking…")
    assert terminal.statuses == {1: "Thinking…"}
    await stream.close(suspended=True)
    assert not terminal.statuses


async def test_only_the_person_at_the_terminal_is_there(terminal: TerminalPlatform) -> None:
    ben = UserRef(platform="terminal", id="ben")
    assert await terminal.direct_message(ANNA) == terminal.where
    with pytest.raises(PlatformUnavailable) as caught:
        await terminal.direct_message(ben)
    assert caught.value.retry_after is not None  # it waits for the terminal where he sits
    assert await terminal.is_member(ANNA, ELSEWHERE)
    assert not await terminal.is_member(ben, terminal.where)
    assert [message async for message in terminal.catch_up((), datetime.now(UTC))] == []


@pytest.mark.promise(19)
async def test_what_nobody_would_see_is_left_to_whoever_opens_the_conversation() -> None:
    once = TerminalPlatform(KeptScreen(), user=ANNA)
    with pytest.raises(PlatformUnavailable) as caught:
        await once.post(once.where, Text(markdown="the answer of a run that was approved meanwhile"), key="k")
    assert caught.value.retry_after is not None


async def test_what_is_for_a_person_alone_waits_while_only_a_script_listens() -> None:
    once = TerminalPlatform(KeptScreen(), user=ANNA)
    with pytest.raises(PlatformUnavailable) as caught:
        await once.direct_message(ANNA)
    assert caught.value.retry_after is not None
