"""The line below the input: it is never silent about what goes on, or about what is waited for."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bots.terminal.platform import TerminalPlatform
from bots.terminal.screens import PlainScreen
from bots.terminal.toolbar import write_toolbar
from bots.terminal.wording import write_clock
from bots.watch import StoreWatch
from runtime.facts import model_call_failed
from runtime.models.port import Role
from runtime.records import ConversationRef
from tests.bots.cards import make_card
from tests.storage.blank import lay_blank
from tests.storage.desk import Desk, open_desk

IDLE = "Ctrl-C stops a run · /quit leaves · help"
ELSEWHERE = ConversationRef(platform="terminal", channel="elsewhere")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    lay_blank(tmp_path / "mallard.db")
    async with open_desk(tmp_path / "mallard.db") as opened:
        yield opened


@pytest.fixture
def terminal() -> TerminalPlatform:
    return TerminalPlatform(PlainScreen(io.StringIO(), io.StringIO()))


def toolbar(desk: Desk, terminal: TerminalPlatform, width: int = 160) -> str:
    return write_toolbar(terminal, StoreWatch(desk.store, desk.signals), desk.now, width)


async def put_back(desk: Desk, where: ConversationRef) -> None:
    """Begin a run whose model wants to be asked again in a minute."""
    claimed = await desk.start(where=where)
    await desk.store.release(
        claimed.lease, desk.now, may_have_run=frozenset(), facts=(model_call_failed(Role.ACTION, "it is busy"),),
        not_before=desk.now + timedelta(minutes=1), model_away_since=desk.now,
    )  # fmt: skip


async def test_a_run_that_waits_for_its_model_is_named_until_it_asks_again(
    desk: Desk, terminal: TerminalPlatform
) -> None:
    assert toolbar(desk, terminal) == IDLE
    await put_back(desk, terminal.where)
    again = write_clock(desk.now + timedelta(minutes=1))
    waits = f"run 1 waits for its model, and asks it again at {again} · Ctrl-C stops that"

    assert toolbar(desk, terminal) == f"{waits} · /quit leaves · help"
    assert toolbar(desk, terminal, width=80) == waits
    desk.clock.pass_(seconds=59)
    assert toolbar(desk, terminal, width=80) == waits
    desk.clock.pass_(seconds=1)
    assert toolbar(desk, terminal) == IDLE


async def test_what_ctrl_c_would_not_stop_is_not_named(desk: Desk, terminal: TerminalPlatform) -> None:
    await put_back(desk, ELSEWHERE)

    assert toolbar(desk, terminal) == IDLE


async def test_a_record_that_cannot_be_read_now_takes_nothing_else_off_the_line(
    desk: Desk, terminal: TerminalPlatform
) -> None:
    terminal.set_status(2, "Thinking…")
    terminal.show(make_card(4))
    desk.store.database.reader.close()

    assert toolbar(desk, terminal) == f"run 2: Thinking… · open cards: 4 · {IDLE}"
