"""Somebody who uses what is there: buttons, menus, modals, commands, Slack's own stop button."""

from collections.abc import Mapping
from typing import Any

from tests.fakes.slack import interactions, news
from tests.fakes.slack.content import Control
from tests.fakes.slack.envelopes import Receipt
from tests.fakes.slack.forms import entry
from tests.fakes.slack.messages import Message, Snapshot
from tests.fakes.slack.modals import Modals
from tests.fakes.slack.onlooker import Onlooker, Place, Thread, thread_ts
from tests.fakes.slack.sideroads import respond
from tests.fakes.slack.views import View


class Clicker(Onlooker):
    async def clicks(self, on: Message | Snapshot | View, name: str) -> Receipt:
        """Click the button of that label, action_id or value, as it stands there (or stood, in a snapshot)."""
        control = on.content.control(name)
        assert control.kind not in ("plain_text_input", "input"), f"{name!r} is nothing to click"
        return await self._acts(on, control, {})

    async def selects(self, on: Message | Snapshot | View, name: str, option: Any) -> Receipt:
        """Choose from a menu, checkboxes, radio buttons or a picker."""
        control = on.content.control(name)
        chosen = {key: value for key, value in entry(control, option).items() if key != "type"}
        return await self._acts(on, control, chosen)

    async def _acts(self, on: Message | Snapshot | View, control: Control, chosen: Mapping[str, Any]) -> Receipt:
        action = interactions.action_of(control, self._stage.clock.timestamp(), chosen)
        if isinstance(on, View):
            trigger = self._state.triggers.new_trigger(self.id, view=on.id)
            payload = interactions.view_click(self._state, self.user, on, action, trigger=trigger)
            return await self._stage.dispatch.ask("interactive", payload)
        message = self._message_behind(on)
        payload = interactions.message_click(
            self._state,
            self.user,
            message,
            on if isinstance(on, Snapshot) else on.snapshot(),
            action,
            trigger=self._state.triggers.new_trigger(self.id),
            response_url=self._response_url(message.channel, message.ts, message.thread_ts),
            values={control.block_id: {control.action_id: {"type": control.kind, **chosen}}} if chosen else {},
        )
        return await self._stage.dispatch.ask("interactive", payload)

    async def submits(self, view: View | None = None, values: Mapping[str, Any] | None = None) -> Receipt:
        return await self._modals.submit(view or self._open_modal(), values or {})

    async def closes(self, view: View | None = None) -> Receipt | None:
        return await self._modals.close(view or self._open_modal())

    async def slash(self, command: str, text: str = "", where: Place | None = None) -> Receipt:
        channel = self._channel(where) if where is not None else self.dm
        key = self._state.triggers.new_response_url(channel=channel.id, user=self.id)
        payload = interactions.slash_command(
            self._state,
            self.user,
            command,
            text,
            channel,
            trigger=self._state.triggers.new_trigger(self.id),
            response_url=f"{self._stage.origin}/response/{key}",
        )
        receipt = await self._stage.dispatch.ask("slash_commands", payload)
        if receipt.payload:
            respond(self._stage, self._state.triggers.use_response_url(key), dict(receipt.payload))
            self._pulse.beat()
        return receipt

    async def shortcut(self, callback_id: str, message: Message | None = None) -> Receipt:
        """A global shortcut, or one on a message."""
        trigger, at = self._state.triggers.new_trigger(self.id), self._stage.clock.timestamp()
        if message is None:
            payload = interactions.global_shortcut(self._state, self.user, callback_id, at, trigger=trigger)
        else:
            url = self._response_url(message.channel, message.ts, message.thread_ts)
            payload = interactions.message_shortcut(
                self._state, self.user, callback_id, message, at, trigger=trigger, response_url=url
            )
        return await self._stage.dispatch.ask("interactive", payload)

    async def opens_home(self) -> None:
        at = self._stage.clock.timestamp()
        await self._stage.dispatch.tell(news.home_opened(self._state, self.id, "home", at))

    async def opens_dm(self) -> None:
        at = self._stage.clock.timestamp()
        await self._stage.dispatch.tell(news.home_opened(self._state, self.id, "messages", at))

    async def looks_at(self, where: Place | None) -> None:
        """The viewing context of the agent's pane changes."""
        at, target = self._stage.clock.timestamp(), None if where is None else self._channel(where).id
        await self._stage.dispatch.tell(news.context_changed(self._state, self.dm.id, self.id, target, at))

    async def stops(self, where: Place, thread: Thread) -> None:
        """Click Slack's own stop button, which is there while the session is processing."""
        channel, root = self._channel(where), thread_ts(thread) or ""
        session = self._state.sessions.get((channel.id, root))
        assert session is not None, f"no session in {channel.name} {root}, so no stop button"
        assert session.status == "processing", f"the session is {session.status}, so there is no stop button"
        assert "agent_session_stopped" in self._state.subscriptions, "not subscribed, so there is no stop button"
        streams = [m for m in self._state.messages if m.is_streaming and (m.channel, m.thread) == (channel.id, root)]
        for message in streams:
            assert message.stream is not None
            message.stream.state = "stopped"
        self._pulse.beat()
        at = self._stage.clock.timestamp()
        stopped = [message.ts for message in streams]
        await self._stage.dispatch.tell(news.session_stopped(self._state, channel.id, root, self.id, stopped, at))

    def _message_behind(self, on: Message | Snapshot) -> Message:
        if isinstance(on, Message):
            return on
        return next(m for m in self._state.messages if (m.channel, m.ts) == (on.channel, on.ts))

    def _response_url(self, channel: str, ts: str, thread: str | None) -> str:
        key = self._state.triggers.new_response_url(channel=channel, user=self.id, message_ts=ts, thread_ts=thread)
        return f"{self._stage.origin}/response/{key}"

    @property
    def _modals(self) -> Modals:
        return Modals(self._stage, self._pulse, self.user)
