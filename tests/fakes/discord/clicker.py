"""Somebody who uses what is there: buttons, menus, modals, commands."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.discord import news, payloads
from tests.fakes.discord.content import Control
from tests.fakes.discord.interactions import COMMAND, COMPONENT, SUBMISSION, Interaction, Receipt
from tests.fakes.discord.layout.components import BUTTON
from tests.fakes.discord.messages import Message, Snapshot
from tests.fakes.discord.modals import Modal, filled_in
from tests.fakes.discord.onlooker import Onlooker, Place, Thread

Json = dict[str, Any]


class Clicker(Onlooker):
    async def clicks(self, on: Message | Snapshot, name: str) -> Receipt:
        """Click the button of that label or custom_id, as it stands there (or stood, in a snapshot)."""
        control = on.content.control(name)
        assert control.type == BUTTON, f"{name!r} is nothing to click"
        assert not control.url, f"{name!r} leads to {control.url}, and the app never hears of it"
        return await self._uses(on, control, None)

    async def selects(self, on: Message | Snapshot, name: str, *values: str) -> Receipt:
        """Choose from a menu."""
        control = on.content.control(name)
        known = {option["label"]: option["value"] for option in control.element.get("options") or ()}
        return await self._uses(on, control, [known.get(value, value) for value in values])

    async def _uses(self, on: Message | Snapshot, control: Control, chosen: list[str] | None) -> Receipt:
        message = on.message if isinstance(on, Snapshot) else on
        assert not control.disabled, f"{control.label!r} is disabled"
        assert message.seen_only_by in (None, self.id), f"{self.name} does not see that message"
        channel = self._state.channels[message.channel]
        assert self._state.sees(channel, self.id), f"{self.name} does not see {channel.name}"
        interaction = self._stage.interactions.begin(COMPONENT, self.user, channel, message=message)
        return await self._asks(interaction, payloads.click_data(control, chosen))

    async def submits(self, values: Mapping[str, Any] | None = None, modal: Modal | None = None) -> Receipt:
        """Send the modal off; it stays open, and says so, when the app does not answer."""
        form = modal or self._open_modal()
        assert not form.closed, "the modal is closed"
        data = payloads.submission_data(form.custom_id, filled_in(form, values or {}))
        interaction = self._stage.interactions.begin(SUBMISSION, self.user, form.channel, message=form.message)
        receipt = await self._asks(interaction, data)
        form.closed = receipt.acked
        form.trouble = "" if receipt.acked else "Something went wrong. Try again."
        self._stage.pulse.beat()
        return receipt

    def closes(self, modal: Modal | None = None) -> None:
        """The app does not hear of it."""
        (modal or self._open_modal()).closed = True
        self._stage.pulse.beat()

    async def slash(self, name: str, where: Place | None = None, *, thread: Thread = None, **options: Any) -> Receipt:
        """A command of the bot's, in a channel or thread, or in the DM with it."""
        channel = self._channel("" if where is None else where, thread) if where or thread else self.dm
        command = self._command(name.removeprefix("/"), 1, channel.guild)
        interaction = self._stage.interactions.begin(COMMAND, self.user, channel, name=command["name"])
        assert payloads.may_use_commands(self._stage, interaction), f"{self.name} may use no commands there"
        return await self._asks(interaction, payloads.slash_data(command, options))

    async def about(self, message: Message, name: str) -> Receipt:
        """A command on a message: from its menu, under “Apps”."""
        channel = self._state.channels[message.channel]
        command = self._command(name, 3, channel.guild)
        interaction = self._stage.interactions.begin(COMMAND, self.user, channel, name=name)
        interaction.on_context = True
        assert payloads.may_use_commands(self._stage, interaction), f"{self.name} may use no commands there"
        return await self._asks(interaction, payloads.about_data(self._stage, command, message))

    def _command(self, name: str, kind: int, guild: str | None) -> Json:
        """As the client knows it: those of the server go before those of everywhere."""
        context = 1 if guild is None else 0
        for scope in dict.fromkeys((guild, None)):
            for command in self._state.commands.get(scope, ()):
                allowed = command.get("contexts") or [0, 1, 2]
                if (command["name"], command["type"]) == (name, kind) and (scope is not None or context in allowed):
                    return command
        known = [c["name"] for commands in self._state.commands.values() for c in commands]
        raise AssertionError(f"there is no command {name!r} here; there are {known}")

    async def _asks(self, interaction: Interaction, data: Json) -> Receipt:
        """Send it once, and wait for the app's answer or its silence."""
        gateway = self._stage.gateway
        gateway.tell(news.interaction_created(payloads.interaction_json(self._stage, interaction, data)))
        if not gateway.sessions.any_left:
            interaction.settle(Receipt(failure="The application did not respond"))
        receipt = await interaction.settled(self._stage.interactions.patience)
        self._stage.pulse.beat()
        return receipt
