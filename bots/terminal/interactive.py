"""A chat at a real terminal: an input line at the bottom, and everything else above it."""

from prompt_toolkit.patch_stdout import patch_stdout

from bots.terminal.chat import Chat
from bots.terminal.keyboard import Interrupted, Keyboard
from bots.terminal.passwords import TerminalPasswords
from bots.terminal.platform import TerminalPlatform
from bots.terminal.toolbar import write_toolbar
from bots.terminal.watch import Watch
from runtime.ports import Clock


async def converse(
    platform: TerminalPlatform, clock: Clock, watch: Watch, passwords: TerminalPasswords, *, greeting: str
) -> None:
    """Talk with the person until they leave. The platform was started."""
    keyboard = Keyboard(passwords, platform.screen.say)
    platform.changed = keyboard.redraw
    chat = Chat(platform, clock, watch, ask=keyboard.ask)
    leaving = False  # Ctrl-C was the last thing that the person did
    with patch_stdout(raw=True):
        platform.screen.say(greeting)
        await chat.greet()
        while True:
            try:
                line = await keyboard.read_line(lambda width: write_toolbar(platform, watch, clock.now(), width))
            except EOFError:
                break
            except Interrupted:
                if leaving:
                    break
                leaving = True
                # What only waits is not stopped by a key that also means "I am leaving": its card is decided later.
                await chat.interrupt()
                platform.screen.say("Ctrl-C again leaves.")
                continue
            leaving = False
            platform.forget_settled(watch)
            if not await chat.take(line):
                break
        if platform.cards:
            platform.screen.say(_part_from(len(platform.cards)))


def _part_from(cards: int) -> str:
    if cards == 1:
        return "1 card waits; it is here when you come back."
    return f"{cards} cards wait; they are here when you come back."
