"""Slash commands and "Ask Mallard about this": what a person chooses from Discord's menus."""

import logging
from collections.abc import Coroutine
from typing import Any, Literal

import discord
from discord import app_commands

from bots.discord import hearing, places, wording
from bots.discord.inbound import Kind, Location
from bots.discord.locations import Locations
from bots.discord.settings import DiscordSettings, Identity
from bots.discord.telling import Interaction, Telling
from bots.discord.threads import Threads
from runtime.chores import Chores
from runtime.door import Door
from runtime.openings import Announcement
from runtime.records import IncomingMessage, Reasoning

log = logging.getLogger(__name__)

ABOUT = "Ask Mallard about this"

_TROUBLE = "That did not work. Please try again."
_FORGOTTEN = "I do not know this command any more. Discord shows the present ones in a while."
_NOT_HERE = "I may not write in this channel, so ask me in another one, or in a direct message."
_NO_TEXT = "There is no text in this message."
_IN_ITS_THREAD = "I answer in that message's thread."
_IN_A_THREAD = "I answer in a thread at your request."
_IN_PLACE = "I answer here."


class Commands:
    def __init__(
        self,
        *,
        door: Door,
        me: Identity,
        settings: DiscordSettings,
        locations: Locations,
        threads: Threads,
        telling: Telling,
        chores: Chores,
    ) -> None:
        self._door = door
        self._me = me
        self._settings = settings
        self._locations = locations
        self._threads = threads
        self._telling = telling
        self._chores = chores

    @property
    def scope(self) -> discord.Object | None:
        """The one server that has the commands, None for all of them."""
        return None if self._settings.commands == "global" else discord.Object(int(self._settings.commands))

    def attach(self, tree: "app_commands.CommandTree[Any]") -> None:
        @tree.command(name="ask", description="Ask Mallard to do something", guild=self.scope)
        @app_commands.describe(
            request="What Mallard should do",
            reasoning="Think before acting: on, off, or as Mallard sees fit",
            debug="Show what happens on the way",
            reflect="Let this be learned from",
        )
        async def ask(
            interaction: discord.Interaction,
            request: app_commands.Range[str, 1, 4000],
            reasoning: Literal["on", "off", "auto"] | None = None,
            debug: bool | None = None,
            reflect: bool | None = None,
        ) -> None:
            chosen = Reasoning(reasoning) if reasoning else None
            self._begin(interaction, self._ask(interaction, request, chosen, debug, reflect))

        @tree.command(name="history", description="Your runs, newest first", guild=self.scope)
        async def history(interaction: discord.Interaction) -> None:
            self._begin(interaction, self._read(interaction, "history"))

        @tree.command(name="pending", description="Approvals that wait for a decision", guild=self.scope)
        async def pending(interaction: discord.Interaction) -> None:
            self._begin(interaction, self._read(interaction, "pending"))

        @tree.command(name="run", description="What happened in a run", guild=self.scope)
        @app_commands.describe(number="The run's number, as the history shows it")
        async def run(interaction: discord.Interaction, number: app_commands.Range[int, 1]) -> None:
            self._begin(interaction, self._read(interaction, f"run {number}"))

        @tree.command(
            name="memories", description="What Mallard remembers for you and for this channel", guild=self.scope
        )
        @app_commands.describe(about="Only what it remembers about this")
        async def memories(
            interaction: discord.Interaction, about: app_commands.Range[str, 1, 200] | None = None
        ) -> None:
            words = f"what do you remember about {about}" if about else "memories"
            self._begin(interaction, self._read(interaction, words))

        @tree.command(name="why", description="What an answer relied on", guild=self.scope)
        @app_commands.describe(run="The run's number; otherwise the last answer here")
        async def why(interaction: discord.Interaction, run: app_commands.Range[int, 1] | None = None) -> None:
            self._begin(interaction, self._read(interaction, f"why {run}" if run else "why"))

        @tree.command(name="stop", description="Stop what runs here", guild=self.scope)
        async def stop(interaction: discord.Interaction) -> None:
            self._begin(interaction, self._stop(interaction))

        @tree.command(name="help", description="What you can say to Mallard", guild=self.scope)
        async def show_help(interaction: discord.Interaction) -> None:
            self._begin(interaction, self._read(interaction, "help"))

        @tree.context_menu(name=ABOUT, guild=self.scope)
        async def about(interaction: discord.Interaction, message: discord.Message) -> None:
            self._begin(interaction, self._about(interaction, message))

        tree.error(self._not_understood)

    async def _read(self, interaction: Interaction, words: str) -> None:
        await self._telling.acknowledge(interaction, thinking=True)
        where, by = self._place(interaction).conversation(), places.user(interaction.user.id)
        page = await self._door.read_page(words, by=by, where=where, direct=True)
        await self._telling.answer(interaction, page)

    async def _stop(self, interaction: Interaction) -> None:
        """In a thread what runs in it, elsewhere what runs in all of the channel."""
        await self._telling.acknowledge(interaction, thinking=True)
        place = self._place(interaction)
        by = places.user(interaction.user.id)
        page = await self._door.stop(place.conversation(), by=by, direct=not place.is_thread)
        await self._telling.answer(interaction, page)

    async def _ask(
        self,
        interaction: Interaction,
        request: str,
        reasoning: Reasoning | None,
        debug: bool | None,
        reflect: bool | None,
    ) -> None:
        """Discord tells of a command once, so it is committed before it is acknowledged. The request for all to see, which
        its thread is opened on, is a message of its own: it comes also after a crash, and after the interaction's time."""
        place = self._place(interaction)
        if not self._door.may_talk(places.user(interaction.user.id), place.conversation()):
            await self._read(interaction, "help")
            return
        if not _may_write(interaction, place):
            await self._note(interaction, _NOT_HERE)
            return
        by_name = interaction.user.display_name
        shown = Announcement(
            where=place.conversation(),
            direct=place.kind is Kind.DIRECT,
            begins_thread=place.kind is Kind.CHANNEL,
            markdown=wording.announced(by_name, self._door.mask(request)),
            sent_at=places.sent_at(interaction.id),
            reasoning=reasoning,
            debug=debug,
            reflect=reflect,
        )
        by, key = places.user(interaction.user.id), str(interaction.id)
        await self._door.ask(request, by=by, by_name=by_name, key=key, shown=shown)
        await self._note(interaction, _IN_A_THREAD if shown.begins_thread else _IN_PLACE)

    async def _about(self, interaction: Interaction, message: discord.Message) -> None:
        """Somebody's message as a request, answered where it stands; committed before it is acknowledged."""
        place = self._place(interaction)
        if not self._door.may_talk(places.user(interaction.user.id), place.conversation()):
            await self._read(interaction, "help")
            return
        text = wording.plain(hearing.said_in(message), self._me, hearing.names_in(message))
        attachments = hearing.attachments_of(message)
        if not text and not attachments:
            await self._note(interaction, _NO_TEXT)
        elif not _may_write(interaction, place):
            await self._note(interaction, _NOT_HERE)
        else:
            if place.kind is Kind.CHANNEL:
                self._threads.note(message.id, text)
            await self._door.receive(
                IncomingMessage(
                    id=str(interaction.id),
                    where=place.conversation(message.id),
                    author=places.user(interaction.user.id),
                    author_name=interaction.user.display_name,
                    text=text,
                    sent_at=places.sent_at(interaction.id),
                    direct=place.kind is Kind.DIRECT,
                    attachments=attachments,
                )
            )
            await self._note(interaction, _IN_ITS_THREAD if place.kind is Kind.CHANNEL else _IN_PLACE)

    def _place(self, interaction: Interaction) -> Location:
        channel = interaction.channel
        found = self._locations.find(channel) if channel is not None else None
        return found or Location(kind=Kind.ELSEWHERE, channel=interaction.channel_id or 0, guild=interaction.guild_id)

    async def _note(self, interaction: Interaction, words: str) -> None:
        await self._telling.acknowledge(interaction, thinking=True)
        await self._telling.note(interaction, words)

    def _begin(self, interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
        self._chores.spawn(self._to_the_end(interaction, work), "command")

    async def _to_the_end(self, interaction: Interaction, work: Coroutine[Any, Any, None]) -> None:
        """Whatever fails, the person hears of it."""
        try:
            await work
        except Exception:
            log.exception("a command failed")
            await self._note(interaction, _TROUBLE)

    async def _not_understood(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        """A command of an earlier version, which Discord still shows to somebody."""
        log.info("a command is not known: %s", error)
        self._begin(interaction, self._note(interaction, _FORGOTTEN))


def _may_write(interaction: Interaction, place: Location) -> bool:
    allowed = interaction.app_permissions
    if place.kind is Kind.DIRECT:
        return True
    return allowed.view_channel and (allowed.send_messages_in_threads if place.is_thread else allowed.send_messages)
