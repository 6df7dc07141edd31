"""The line below the input: what goes on right now, and what can be done about it."""

from datetime import datetime

from bots.terminal.platform import TerminalPlatform
from bots.terminal.watch import Away, Watch
from bots.terminal.wording import write_clock
from runtime.showing import in_a_line
from runtime.tools.visible import make_visible

_STOPPING, _LEAVING = "Ctrl-C stops a run", "/quit leaves · help"


def write_toolbar(platform: TerminalPlatform, watch: Watch, now: datetime, width: int) -> str:
    """Drawn anew with each key and each second, so that a card that was settled anywhere is not called open for longer."""
    platform.forget_settled(watch)
    parts = [f"run {run_id}: {make_visible(text)}" for run_id, text in sorted(platform.statuses.items())]
    away = watch.list_away(platform.where, now)
    if away:
        parts += [*map(_write_away, away), "Ctrl-C stops that"]
    if platform.cards:
        parts.append("open cards: " + ", ".join(str(number) for number in platform.cards))
    line, keys = in_a_line(" · ".join(parts)), _LEAVING if away else f"{_STOPPING} · {_LEAVING}"
    if not line:
        return keys
    return f"{line} · {keys}" if len(line) + len(keys) + 3 <= width else line


def _write_away(away: Away) -> str:
    again = f", and asks it again at {write_clock(away.again)}" if away.again else ""
    return f"run {away.run_id} waits for its model{again}"
