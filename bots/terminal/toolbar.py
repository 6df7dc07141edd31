"""The line below the input: what goes on right now, and what can be done about it."""

from bots.terminal.platform import TerminalPlatform
from bots.terminal.watch import Watch
from runtime.showing import in_a_line
from runtime.tools.visible import make_visible

_KEYS = "Ctrl-C stops a run · /quit leaves · help"


def write_toolbar(platform: TerminalPlatform, watch: Watch, width: int) -> str:
    """Drawn anew with each key and each second, so that a card that was settled anywhere is not called open for longer."""
    platform.forget_settled(watch)
    parts = [f"run {run_id}: {make_visible(text)}" for run_id, text in sorted(platform.statuses.items())]
    if platform.cards:
        parts.append("open cards: " + ", ".join(str(number) for number in platform.cards))
    line = in_a_line(" · ".join(parts))
    if not line:
        return _KEYS
    return f"{line} · {_KEYS}" if len(line) + len(_KEYS) + 3 <= width else line
