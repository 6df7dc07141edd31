"""A person at a Slack client: what they say, click and see."""

import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.slack import interactions, news
from tests.fakes.slack.content import Content, Control
from tests.fakes.slack.envelopes import Receipt
from tests.fakes.slack.forms import entry
from tests.fakes.slack.messages import Message, Snapshot
from tests.fakes.slack.methods.files import new_file
from tests.fakes.slack.modals import Modals
from tests.fakes.slack.places import Channel, User
from tests.fakes.slack.pulse import Pulse
from tests.fakes.slack.sideroads import respond
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.state import BOT
from tests.fakes.slack.views import View
from tests.fakes.slack.wire import message_json, rich_text

Place = Channel | str
Thread = Message | Snapshot | str | None
_MARKUP = re.compile(r"(<(?:@[UW]|#C|!|https?:)[^<>]*>)")


def typed(text: str) -> str:
    """What becomes of typed text: everything escaped but mentions and links."""
    parts = _MARKUP.split(text)
    return "".join(
        part if number % 2 else part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for number, part in enumerate(parts)
    )


def thread_ts(thread: Thread) -> str | None:
    match thread:
        case Message():
            return thread.thread
        case Snapshot():
            return thread.thread_ts or thread.ts
        case _:
            return thread


class Person:
    def __init__(self, stage: Stage, pulse: Pulse, user: User) -> None:
        self._stage = stage
        self._state = stage.state
        self._pulse = pulse
        self.user = user
        self.modals = Modals(stage, pulse, user)

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def dm(self) -> Channel:
        """The direct channel with the bot."""
        return self._state.direct_channel(self.id)

    # speaking

    async def says(
        self,
        where: Place,
        text: str,
        *,
        thread: Thread = None,
        files: Mapping[str, bytes] | None = None,
        broadcast: bool = False,
    ) -> Message:
        channel = self._member_of(where)
        message = Message(
            channel=channel.id,
            ts=self._stage.clock.timestamp(),
            user=self.id,
            team=self.user.team,
            content=self._content(text, tuple(files or ())),
            thread_ts=thread_ts(thread),
            broadcast=broadcast,
            client_msg_id=None if self.user.is_bot else f"00000000-0000-4000-8000-{self._state.number():012d}",
            bot_id=self.user.bot_id,
            app_id=self.user.app_id,
        )
        for name, content in (files or {}).items():
            file = new_file(self._stage, name, len(content), user=self.id)
            file.content, file.completed = content, True
            file.shared_in.add(channel.id)
            message.files.append(file)
            message.subtype = "file_share"
        self._state.messages.append(message)
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_message(self._state, message))
        return message

    async def mentions(self, where: Place, text: str, *, thread: Thread = None, **more: Any) -> Message:
        return await self.says(where, f"<@{BOT.id}> {text}", thread=thread, **more)

    async def dms(self, text: str, *, thread: Thread = None, **more: Any) -> Message:
        return await self.says(self.dm, text, thread=thread, **more)

    async def edits(self, message: Message, text: str) -> None:
        assert message.user == self.id, "people edit their own messages only"
        before = message_json(self._state, message)
        at = self._stage.clock.timestamp()
        message.says(self._content(text, message.content.file_names))
        message.edited = {"user": self.id, "ts": at}
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_change(self._state, message, before, at))

    async def deletes(self, message: Message) -> None:
        before = message_json(self._state, message)
        message.deleted = True
        self._pulse.beat()
        at = self._stage.clock.timestamp()
        await self._stage.dispatch.tell(news.about_deletion(self._state, message, before, at))

    async def joins(self, where: Place) -> None:
        channel = self._channel(where)
        channel.members.add(self.id)
        joined = Message(
            channel=channel.id,
            ts=self._stage.clock.timestamp(),
            user=self.id,
            team=self.user.team,
            content=Content(f"<@{self.id}> has joined the channel"),
            subtype="channel_join",
        )
        self._state.messages.append(joined)
        self._pulse.beat()
        await self._stage.dispatch.tell(news.about_message(self._state, joined))

    def leaves(self, where: Place) -> None:
        self._channel(where).members.discard(self.id)

    # using what is there

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
        return await self.modals.submit(view or self._open_modal(), values or {})

    async def closes(self, view: View | None = None) -> Receipt | None:
        return await self.modals.close(view or self._open_modal())

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

    # seeing

    def sees(self, where: Place, *, thread: Thread = None) -> list[Message]:
        """The messages of a channel or thread, with the ephemeral ones that are for this person."""
        root = thread_ts(thread)
        channel = self._channel(where)
        return [m for m in self._state.visible(channel.id, to=self.id) if root is None or m.thread == root]

    @property
    def ephemerals(self) -> list[Message]:
        return [m for m in self._state.messages if m.seen_only_by == self.id and not m.deleted]

    @property
    def modal(self) -> View | None:
        stack = self._state.modals.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        return self._state.homes.get(self.id)

    def _open_modal(self) -> View:
        assert self.modal is not None, f"{self.user.name} has no modal open"
        return self.modal

    def _channel(self, where: Place) -> Channel:
        return where if isinstance(where, Channel) else self._state.channels[where]

    def _member_of(self, where: Place) -> Channel:
        channel = self._channel(where)
        assert self.id in channel.members, f"{self.user.name} is not in {channel.name}"
        return channel

    def _content(self, text: str, files: tuple[str, ...]) -> Content:
        fallback = typed(text)
        return Content(fallback, (rich_text(fallback, block_id=f"b{self._state.number():04d}"),), files)

    def _message_behind(self, on: Message | Snapshot) -> Message:
        if isinstance(on, Message):
            return on
        return next(m for m in self._state.messages if (m.channel, m.ts) == (on.channel, on.ts))

    def _response_url(self, channel: str, ts: str, thread: str | None) -> str:
        key = self._state.triggers.new_response_url(channel=channel, user=self.id, message_ts=ts, thread_ts=thread)
        return f"{self._stage.origin}/response/{key}"
