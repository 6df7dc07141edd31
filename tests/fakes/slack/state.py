"""Everything that Slack remembers, and how to find it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack.clock import Clock
from tests.fakes.slack.files import File
from tests.fakes.slack.messages import Message
from tests.fakes.slack.places import Channel, ChannelKind, User, Workspace
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.sessions import STATUS_LIFETIME, Prompt, Session, StatusLine
from tests.fakes.slack.triggers import Triggers
from tests.fakes.slack.views import View

HOME_TEAM = Workspace(id="T1", name="Pond", domain="pond")
FOREIGN_TEAM = Workspace(id="T2", name="Elsewhere", domain="elsewhere")
APP_ID = "A0MALLARD"
BOT = User(id="U0BOT", name="mallard", team=HOME_TEAM.id, bot_id="B0BOT", app_id=APP_ID)

BOT_SCOPES = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "reactions:write",
        "users:read",
    ]
)
SUBSCRIPTIONS = frozenset(
    [
        "agent_session_stopped",
        "app_context_changed",
        "app_home_opened",
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
    ]
)


@dataclass(slots=True, eq=False)
class State:
    clock: Clock
    teams: dict[str, Workspace] = field(default_factory=lambda: {w.id: w for w in (HOME_TEAM, FOREIGN_TEAM)})
    users: dict[str, User] = field(default_factory=lambda: {BOT.id: BOT})
    channels: dict[str, Channel] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    status_lines: list[StatusLine] = field(default_factory=list)
    prompts: dict[str, tuple[str, tuple[Prompt, ...]]] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=lambda: set(BOT_SCOPES))
    subscriptions: set[str] = field(default_factory=lambda: set(SUBSCRIPTIONS))
    stream_idle_limit: float = 300.0
    triggers: Triggers = field(init=False)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.triggers = Triggers(self.clock)

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def add_channel(self, name: str, kind: ChannelKind, members: set[str]) -> Channel:
        channel = Channel(
            id=f"{'D' if kind == 'im' else 'C'}{self.number():03d}{name.upper().replace('-', '')[:8]}",
            name=name,
            kind=kind,
            members=members,
            created=int(self.clock.now()),
            team=HOME_TEAM.id,
        )
        self.channels[channel.id] = channel
        return channel

    def direct_channel(self, user: str, *, with_user: str = BOT.id) -> Channel:
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == {user, with_user}:
                return channel
        return self.add_channel("dm" + user.strip("UW_"), "im", {user, with_user})

    # what the app may reach

    def user(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise Refusal("user_not_found", user_id)
        return user

    def channel(self, channel_id: str) -> Channel:
        """A channel that the bot can see; private ones only from inside, as Slack does."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.kind != "channel" and BOT.id not in channel.members):
            raise Refusal("channel_not_found", channel_id)
        return channel

    def postable(self, channel_id: str) -> Channel:
        """Where the bot may post: a channel it is in, or a person (which opens the DM)."""
        if channel_id[:1] in "UW":
            if self.user(channel_id).is_bot:
                raise Refusal("cannot_dm_bot", channel_id)
            return self.direct_channel(channel_id)
        channel = self.channel(channel_id)
        if channel.is_archived:
            raise Refusal("is_archived", channel_id)
        if BOT.id not in channel.members:
            raise Refusal("not_in_channel", channel_id)
        if channel.is_direct and self.users[channel.peer_of(BOT.id)].is_bot:
            raise Refusal("cannot_dm_bot", channel_id)
        return channel

    def message(self, channel: str, ts: str) -> Message:
        message = self.find_message(channel, ts)
        if message is None or message.is_ephemeral:
            raise Refusal("message_not_found", f"{channel} {ts}")
        return message

    def find_message(self, channel: str, ts: str) -> Message | None:
        """One that is there; a deleted one is not."""
        return next((m for m in self.messages if (m.channel, m.ts) == (channel, ts) and not m.deleted), None)

    def check_thread(self, channel: str, thread_ts: str | None) -> None:
        """Refuse a thread that is gone, and a reply in the place of a parent."""
        if thread_ts is None:
            return
        parent = next((m for m in self.messages if (m.channel, m.ts) == (channel, thread_ts)), None)
        if parent is None or parent.is_ephemeral:
            raise Breach("thread_not_found", f"no message {thread_ts} was ever in {channel}")
        if parent.is_reply:
            raise Breach("invalid_thread_ts", f"{thread_ts} is a reply; its parent is {parent.thread_ts}")
        if parent.deleted and not self.replies(channel, thread_ts):
            raise Refusal("thread_not_found", f"{thread_ts} was deleted")

    # what is where

    def visible(self, channel: str, *, to: str | None = None) -> Iterator[Message]:
        """The messages of a channel in order; ephemeral ones only for the person they are for."""
        for message in self.messages:
            if message.channel == channel and not message.deleted and message.seen_only_by in (None, to):
                yield message

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        return [m for m in self.visible(channel) if m.is_reply and m.thread_ts == thread_ts]

    def status_line(self, channel: str, thread_ts: str) -> StatusLine | None:
        """The one that is shown now: not cleared, not replaced by a message, not older than two minutes."""
        for line in reversed(self.status_lines):
            if (line.channel, line.thread_ts) == (channel, thread_ts):
                fresh = self.clock.now() - line.set_at < STATUS_LIFETIME
                return line if line.text and fresh else None
        return None

    def clear_status_line(self, channel: str, thread_ts: str) -> None:
        if self.status_line(channel, thread_ts):
            self.status_lines.append(
                StatusLine(channel=channel, thread_ts=thread_ts, text="", loading_messages=(), set_at=self.clock.now())
            )

    def identified(self, blocks: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        """The blocks with the ids that Slack invents where the app gave none."""
        named = [{**block, "block_id": block.get("block_id") or f"b{self.number():04d}"} for block in blocks]
        return tuple(self._with_action_ids(block) for block in named)

    def _with_action_ids(self, value: Any) -> Any:
        match value:
            case {"type": "button", "text": _}:
                return {**value, "action_id": value.get("action_id") or f"a{self.number():04d}"}
            case dict():
                return {name: self._with_action_ids(child) for name, child in value.items()}
            case list():
                return [self._with_action_ids(child) for child in value]
            case _:
                return value
