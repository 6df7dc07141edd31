"""A chat at a real terminal: an input line at the bottom, and everything else above it."""

import time

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from bots.terminal.chat import Chat
from bots.terminal.platform import TerminalPlatform
from bots.terminal.watch import Watch
from runtime.ports import Clock
from runtime.tools.visible import make_visible

_LEAVES_WITHIN = 2.0  # seconds between two Ctrl-C


async def converse(platform: TerminalPlatform, clock: Clock, watch: Watch, *, greeting: str) -> None:
    """Talk with the person until they leave. The platform was started."""
    session: PromptSession[str] = PromptSession(history=InMemoryHistory())
    questions: PromptSession[str] = PromptSession()

    def redraw() -> None:
        session.app.invalidate()

    async def ask(question: str) -> str | None:
        try:
            return await questions.prompt_async(question)
        except (KeyboardInterrupt, EOFError):
            return None

    platform.changed = redraw
    chat = Chat(platform, clock, watch, ask=ask)
    stopped_at = float("-inf")
    with patch_stdout(raw=True):
        platform.screen.say(greeting)
        await chat.greet()
        while True:
            try:
                line = await session.prompt_async("> ", bottom_toolbar=lambda: _write_toolbar(platform))
            except EOFError:
                return
            except KeyboardInterrupt:
                if time.monotonic() - stopped_at < _LEAVES_WITHIN:
                    return
                if platform.statuses:
                    await chat.stop_run()
                # What only waits is not stopped by a key that also means "I am leaving": its card is decided later.
                platform.screen.say("Ctrl-C again leaves.")
                stopped_at = time.monotonic()
                continue
            if not await chat.take(line):
                return


def _write_toolbar(platform: TerminalPlatform) -> str:
    """What goes on right now, in one line."""
    parts = [f"run {run_id}: {make_visible(text)}" for run_id, text in sorted(platform.statuses.items())]
    if platform.cards:
        parts.append("open cards: " + ", ".join(str(number) for number in platform.cards))
    return " · ".join(parts).replace("\n", " ") or "Ctrl-C stops a run · /quit leaves · help"
