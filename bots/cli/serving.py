"""`mallard up` and `mallard chat`: opening the house, and closing it gracefully."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from bots.cli.holding import hold, is_free
from bots.cli.opening import settings_here
from bots.cli.starting import collect_from_now
from bots.hardening import keep_environment_private
from bots.house import House, open_house
from bots.logs import say_first_warning, set_up_logs
from bots.masking import masker_of
from bots.platforms import Chosen
from bots.settings import Settings
from bots.terminal.once import ask_once
from bots.terminal.passwords import TerminalPasswords
from bots.terminal.piped import ExitStatus, follow_lines
from bots.terminal.platform import NAME as TERMINAL
from bots.terminal.platform import TerminalPlatform
from bots.terminal.screens import KeptScreen, PlainScreen, Screen
from runtime.errors import MallardError, SettingsError
from runtime.masking import prepare

SLACK, DISCORD = "slack", "discord"
_KNOWN = (SLACK, DISCORD, TERMINAL)
_UNCONFIGURED = {
    SLACK: "Slack is not configured: MALLARD_SLACK_BOT_TOKEN and MALLARD_SLACK_APP_TOKEN are missing. "
    "`mallard slack manifest` prints the app to create.",
    DISCORD: "Discord is not configured: MALLARD_DISCORD_TOKEN is missing. docs/discord.md says where it comes from, and "
    "`mallard discord invite` then prints the link that brings the bot to a server.",
}

_MODEL_TRIES = "runtime.models.retrying"  # a try can take minutes, and a script sees nothing else of it

Work = Callable[[House], Awaitable[int]]


def up(names: Sequence[str]) -> int:
    """Serve the named platforms, or all that are configured. Raises SettingsError where one is not."""
    settings = settings_here()
    chosen = _choose(settings, names)
    if TERMINAL in chosen:
        return _chat_beside(settings, [name for name in chosen if name != TERMINAL], None)
    set_up_logs(settings.log_level, settings.log_format, masker_of(settings))
    both = Chosen(slack=SLACK in chosen, discord=DISCORD in chosen)
    return _run(settings, both, _until_stopped, when_stopped=ExitStatus.ANSWERED)


def chat(once: str | None, conversation: str | None) -> int:
    """Talk here. Raises MallardError where the conversation is open elsewhere, or has a name that is none."""
    settings = settings_here()
    if conversation is not None and not (conversation.strip() and conversation.isprintable()):
        raise MallardError("A conversation needs a name that can be printed, for example --conversation work.")
    if once is None:
        return _chat_beside(settings, [], conversation)
    if not once.strip():
        raise MallardError('There is nothing to say: mallard chat --once "list files".')
    return _say_once(settings, once, conversation)


def _say_once(settings: Settings, text: str, conversation: str | None) -> int:
    masker, printed = masker_of(settings), PlainScreen()
    set_up_logs("error", settings.log_format, masker)
    say_first_warning(_MODEL_TRIES, printed.say, masker)
    with hold(settings.database, conversation, yields=True) as name:
        screen = KeptScreen()
        platform = TerminalPlatform(screen, conversation=name, is_free=partial(is_free, settings.database))

        async def work(house: House) -> int:
            return await ask_once(platform, house.clock, house.watch, text, screen, printed)

        return _run(settings, Chosen(terminal=platform), work)


def _chat_beside(settings: Settings, others: Collection[str], conversation: str | None) -> int:
    """A chat here, with the other platforms beside it. From a pipe, lines are taken until there are no more."""
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    is_quiet = settings.log_level != "debug"
    form = "sentences" if interactive and is_quiet and settings.log_format == "text" else settings.log_format
    set_up_logs("warning" if settings.log_level == "info" else settings.log_level, form, masker_of(settings))
    with hold(settings.database, conversation, yields=False) as name:
        platform = TerminalPlatform(
            _screen(interactive=interactive), conversation=name, is_free=partial(is_free, settings.database)
        )
        passwords = TerminalPasswords()

        async def talk(house: House) -> int:
            from bots.terminal.interactive import converse

            await converse(platform, house.clock, house.watch, passwords, greeting=house.greeting)
            return ExitStatus.ANSWERED

        async def follow(house: House) -> int:
            return await follow_lines(platform, house.clock, house.watch, sys.stdin, greeting=house.greeting)

        chosen = Chosen(
            slack=SLACK in others,
            discord=DISCORD in others,
            terminal=platform,
            passwords=passwords if interactive else None,
        )
        return _run(settings, chosen, talk if interactive else follow)


def _screen(*, interactive: bool) -> Screen:
    if not interactive:
        return PlainScreen()
    from bots.terminal.colours import ColourScreen

    return ColourScreen()


def _choose(settings: Settings, names: Sequence[str]) -> frozenset[str]:
    """Which platforms to serve. Without a name and without a token it is the chat here."""
    for name in names:
        if name not in _KNOWN:
            raise MallardError(f"{name!r} is not a platform of Mallard. There are: {', '.join(_KNOWN)}.")
        if name != TERMINAL and name not in settings.chat_platforms:
            raise SettingsError(_UNCONFIGURED[name])
    if names:
        return frozenset(names)
    here = sys.stdin.isatty() and sys.stdout.isatty()
    if here or not settings.chat_platforms:
        return frozenset({TERMINAL, *settings.chat_platforms})
    return frozenset(settings.chat_platforms)


async def _until_stopped(house: House) -> int:
    print(house.greeting, file=sys.stderr, flush=True)
    await asyncio.to_thread(prepare)  # now, and beside: later the first secret would hold everybody up
    await house.until_stopped()
    return ExitStatus.ANSWERED


def _run(settings: Settings, chosen: Chosen, work: Work, *, when_stopped: int | None = None) -> int:
    """Open the house for some work. A signal ends it with the status `when_stopped`, or as shells count signals."""
    keep_environment_private()
    try:
        return asyncio.run(_serve(settings, chosen, work, when_stopped))
    except asyncio.CancelledError:  # a second signal
        return 128 + signal.SIGINT


async def _serve(settings: Settings, chosen: Chosen, work: Work, when_stopped: int | None) -> int:
    async with open_house(settings, chosen) as house:
        _heed_signals(house)
        async with house.working():
            collect_from_now()
            done = asyncio.ensure_future(work(house))
            stopped = asyncio.ensure_future(house.until_stopped())
            try:
                await asyncio.wait((done, stopped), return_when=asyncio.FIRST_COMPLETED)
                if done.done():
                    return done.result()
                return 128 + house.stopped_by if when_stopped is None else when_stopped
            finally:
                for task in (done, stopped):
                    task.cancel()
                await asyncio.gather(done, stopped, return_exceptions=True)


def _heed_signals(house: House) -> None:
    """The first signal stops gracefully. A second one does not wait any longer."""
    loop, this = asyncio.get_running_loop(), asyncio.current_task()

    def heed(number: signal.Signals) -> None:
        if house.stopped_by and this is not None:
            this.cancel()
        else:
            print("Leaving, once what runs is done or handed back. Again leaves at once.", file=sys.stderr, flush=True)
        house.stop(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heed, number)
