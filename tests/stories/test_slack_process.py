"""A real `mallard up slack`, killed and stopped at bad moments, and started again: nothing is lost, nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bots.test_up_slack import free_port
from tests.fakes.capture import capture_for
from tests.fakes.slack import SIGNING_SECRET
from tests.stories.town import PATIENCE, Town, open_town


@pytest.fixture
async def town(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    (tmp_path / "workspace").mkdir()
    async with open_town(tmp_path, capture_for(request.config, "slack")) as town:
        yield town


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
@pytest.mark.parametrize("acks", [1, 2])
async def test_killed_right_after_the_acknowledgement_the_message_is_answered_once(town: Town, acks: int) -> None:
    """A mention comes as two events: killed after the first, the second is delivered to the next process."""
    async with town.up() as child:
        asked = await town.alice.mentions(town.pond, "list files")
        await town.slack.until(
            lambda: sum(receipt.acked for receipt in town.slack.events.receipts) >= acks, timeout=PATIENCE
        )
        await child.kill()

    async with town.up():
        await town.answer(asked, "empty")
        await town.slack.events.settled()
        second = await town.alice.mentions(town.pond, "list files")
        await town.answer(second, "empty")

    assert len(town.slack.answers(town.pond, asked)) == 1
    assert len(town.slack.answers(town.pond, second)) == 1


@pytest.mark.promise(24)
@pytest.mark.mistake(2)
@pytest.mark.parametrize(
    ("method", "processed"), [("conversations.open", False), ("chat.postMessage", False), ("chat.postMessage", True)]
)
async def test_killed_right_after_a_slash_command_was_acknowledged_its_request_is_answered_once(
    town: Town, method: str, processed: bool
) -> None:
    """Slack sends no command twice, so this is known to nobody but us."""
    held = town.slack.hold(method, processed=processed)
    async with town.up() as child:
        receipt = await town.alice.slash("/mallard", "list files", where=town.pond)
        assert receipt.acked
        await held.arrived(timeout=PATIENCE)
        await child.kill()
    held.discard()

    async with town.up():
        root = await town.slack.message(town.alice.dm, contains="list files", timeout=PATIENCE)
        await town.answer(root, "empty")
        again = await town.alice.dms("list files", thread=root)
        await town.slack.until(lambda: len(town.answers(root, "empty")) == 2, timeout=PATIENCE)
        await town.slack.events.settled()

    assert [each.text for each in town.slack.answers(town.alice.dm) if not each.thread_ts or each.ts == root.ts] == [
        root.text
    ]
    assert len(town.answers(root, "list files")) == 1
    assert again.thread_ts == root.ts


@pytest.mark.promise(2)
@pytest.mark.mistake(23)
async def test_a_click_that_was_lost_while_nobody_listened_is_made_again(town: Town) -> None:
    async with town.up() as child:
        asked = await town.alice.mentions(town.pond, "write notes.txt: hello")
        card = await town.card(asked)
        await child.kill()
    await town.slack.until(lambda: not town.slack.socket.sockets)

    lost = await town.alice.clicks(card, "Approve")
    assert not lost.acked

    async with town.up():
        assert "Approve" in card.labels
        again = await town.alice.clicks(card, "Approve")
        assert again.acked
        await town.answer(asked, "notes.txt was made")
    assert town.read("notes.txt") == "hello\n"
    assert len(town.answers(asked, "notes.txt was made")) == 1


@pytest.mark.promise(33)
async def test_asked_to_stop_in_mid_call_it_finishes_the_call_and_the_next_process_answers(town: Town) -> None:
    async with town.up() as child:
        asked = await town.alice.mentions(town.pond, "run: echo begun >> log.txt; sleep 1; echo done >> log.txt")
        await town.bob.clicks(await town.card(asked), "Approve")
        async with asyncio.timeout(PATIENCE):
            while not (town.folder / "workspace" / "log.txt").exists():  # noqa: ASYNC110  a file system tells nobody
                await asyncio.sleep(0.01)
        await child.stop()
    later = await town.alice.mentions(town.pond, "list files")

    async with town.up():
        await town.answer(asked, "exit status 0")
        await town.answer(later, "log.txt")

    assert town.read("log.txt") == "begun\ndone\n"
    assert len(town.answers(asked, "exit status 0")) == 1


@pytest.mark.mistake(6)
async def test_an_app_token_that_slack_refuses_ends_the_process_soon_with_a_sentence(town: Town) -> None:
    town.write_settings(MALLARD_SLACK_APP_TOKEN="xapp-wrong")

    async with town.process() as child:
        assert await child.ended() == 1

    said = town.said
    assert "MALLARD_SLACK_APP_TOKEN" in said
    assert "Traceback" not in said
    assert "xapp-wrong" not in said


@pytest.mark.mistake(33)
async def test_what_the_process_writes_at_its_most_talkative_holds_no_token(town: Town) -> None:
    town.write_settings(MALLARD_LOG_LEVEL="debug")
    town.slack.fail("chat.startStream", "fatal_error")

    async with town.up() as child:
        asked = await town.alice.mentions(town.pond, "list files")
        await town.answer(asked, "empty")
        await child.stop()

    said = town.said
    assert len(said.splitlines()) > 6
    assert town.slack.bot_token not in said
    assert town.slack.app_token not in said
    assert not any(ticket in said for ticket in town.slack.socket.tickets)


async def test_over_http_it_hears_answers_and_decides_as_over_the_socket(town: Town) -> None:
    port = free_port()
    town.write_settings(
        MALLARD_SLACK_MODE="http", MALLARD_SLACK_SIGNING_SECRET=SIGNING_SECRET, MALLARD_WEB_PORT=str(port)
    )
    async with town.process():
        await town.slack.called("auth.test", timeout=PATIENCE)
        http = town.slack.use_http(f"http://127.0.0.1:{port}/slack/events")
        asked = await town.alice.mentions(town.pond, "write notes.txt: hello")
        card = await town.card(asked)

        clicked = await town.alice.clicks(card, "Approve")

        assert clicked.acked
        await town.answer(asked, "notes.txt was made")
        await town.slack.until(lambda: not card.buttons, timeout=PATIENCE)
        await town.slack.events.settled()
        assert set(http.statuses) <= {200}
        assert not town.slack.socket.tickets
    assert town.read("notes.txt") == "hello\n"


async def test_help_says_what_is_understood_and_how_a_model_is_configured(town: Town) -> None:
    async with town.up():
        asked = await town.alice.dms("help")
        said = await town.answer(asked, "What you can say to me")

    for words in ("approve 4", "`list files`", "MALLARD_MODEL_BASE_URL=", "MALLARD_MODEL_NAME="):
        assert words in said.text
